#pragma once
#include "tools/sandbox.h"
#include <QProcess>

namespace nightshift::tools {

/// A program that talks with us over its stdin, stdout and stderr, below our helper, which kills its whole tree when
/// the program ends, when this is deleted, and when we are killed ourselves.
class AttachedProcess : public QObject
{
    Q_OBJECT

public:
    struct Options
    {
        QStringList argv;
        QString cwd;             ///< Absolute.
        QStringList environment; ///< NAME=value, complete.
    };
    explicit AttachedProcess(QObject *parent);
    /// Kills the tree without waiting.
    ~AttachedProcess() override;

    /// To be connected to before start(). What it reports of its end is the helper's.
    QProcess &process() { return *m_process; }
    void start(const Sandbox &sandbox, const Options &options);
    /// KILL for the whole tree; the process's end follows.
    void kill();
    /// Why the program was never run; absent when it was. `words` is what came from its stderr, and is for when the
    /// process has ended.
    std::optional<QString> whyNeverRan(const QString &words) const;

private:
    QProcess *m_process;
    int m_lifeline = -1; ///< Our end of the pipe whose end kills the tree.
};

} // namespace nightshift::tools
