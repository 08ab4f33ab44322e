#pragma once
#include "tools/commandrun.h"
#include "tools/patchcheck.h"
#include "tools/tool.h"
#include <QElapsedTimer>

namespace nightshift::tools {

/// What the sandbox lets patches write. It outlives this.
WritePolicy writePolicy(const Sandbox &sandbox);

/// One patch from its text to the files.
///
///   Waiting --begin()--> Writing --(the helper ended)--> Over, finished
///                 \--(a problem, or canceled before)----> Over, finished
///
/// A patch that is begun is told as started and finished; one that is refused only as finished, without
/// success. Deleting it stops the helper, which then may leave files half done.
class PatchJob : public ToolJob
{
    Q_OBJECT

public:
    struct Request
    {
        CallId call;
        QString text;
        QString cwd;                    ///< Where relative paths start; absolute.
        std::optional<QString> problem; ///< Known before: the text is no patch.
        QByteArray successPrefix;       ///< In front of the answer when the patch was written.
    };
    PatchJob(Sandbox sandbox, Tell tell, Request request, QObject *parent);

    /// Once; to be called from the event loop. Later calls do nothing.
    void begin();
    /// Lets a writing helper come to its end, for half a patch helps nobody; kills it after a second.
    void cancel() override;
    bool isOver() const { return m_state == State::Over; }

private:
    enum class State { Waiting, Writing, Over };
    void check();
    void write();
    void onWritten(const CommandEnd &end);
    void finish(bool success, const QString &output, const QByteArray &answer);

    const Sandbox m_sandbox;
    Tell m_tell;
    Request m_request;
    State m_state = State::Waiting;
    bool m_isCanceled = false;
    PatchPlan m_plan;
    CommandRun *m_run = nullptr;
    QByteArray m_said; ///< By the helper.
    QElapsedTimer m_clock;
};

} // namespace nightshift::tools
