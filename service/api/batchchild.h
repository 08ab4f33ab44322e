#pragma once
#include "base/jsonreader.h"
#include <QProcess>
#include <QTimer>

namespace nightshift::api {

/// A process of our own program that runs one batch: what goes wrong in it harms nobody else, and it ends when we do.
///
/// Emits ended() exactly once, from the event loop. Deleting it tells the process to stop and does not wait.
class BatchChild : public QObject
{
    Q_OBJECT

public:
    struct Plan
    {
        QStringList command; ///< The batch's folder is its last word.
        QString cwd;
        QString logPath; ///< What it says to people is added there.
        QByteArray firstLine;
        std::chrono::milliseconds patience{}; ///< With a process that says nothing.
    };
    struct Ending
    {
        int exitCode = -1; ///< -1 of one that crashed.
        bool wasStuck = false;
        QString message;               ///< Its last error, or its last line.
        std::optional<RawJson> result; ///< Of a script.
    };
    explicit BatchChild(Plan plan, QObject *parent = nullptr);
    ~BatchChild() override;

    void start();
    qint64 pid() const { return m_process->processId(); }
    /// {"concurrency":8} and the like.
    void tell(const RawJson &change);
    /// Ends it in good order; what is under way can be continued.
    void stop();

signals:
    void progress(const nightshift::RawJson &progress);
    void ended(const nightshift::api::BatchChild::Ending &ending);

private:
    void onOutput();
    void onEnded();
    QString lastWords() const;

    const Plan m_plan;
    QProcess *m_process;
    QTimer m_patience;
    QByteArray m_output;
    qint64 m_logFrom = 0;
    Ending m_ending;
    bool m_hasEnded = false;
};

} // namespace nightshift::api
