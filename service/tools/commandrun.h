#pragma once
#include "domain/event.h"
#include "tools/sandbox.h"
#include <QObject>
#include <memory>
#include <optional>

namespace nightshift::tools {

/// How a command ended. A signal's number is folded into the code as the shells do: 137 is KILL.
struct CommandEnd
{
    std::optional<int> exitCode; ///< Absent when it was killed by us, or never ran.
    std::optional<Error> error;  ///< Why it never ran.
    bool operator==(const CommandEnd &) const = default;
};

/// One sandboxed process tree: start, stream, kill, reap. The only user of QProcess.
///
///   Running --(main process ends | kill())--> finished, once, when the whole tree is gone
///
/// Deleting it kills the tree without waiting and emits nothing.
class CommandRun : public QObject
{
    Q_OBJECT

public:
    struct Options
    {
        QStringList argv;
        QString cwd;             ///< Absolute.
        QStringList environment; ///< NAME=value, complete.
        bool tty = false;        ///< A pseudo terminal of 24 rows and 80 columns; write() reaches it.
        QByteArray input;        ///< The command's standard input, whole; only without tty.
        std::optional<std::vector<CommandAction>> actions; ///< For whoever is told about it.
    };
    /// Starts at once, merging stdout and stderr as they come; finished() and output() come from the event loop, never
    /// from in here.
    CommandRun(const Sandbox &sandbox, Options options, QObject *parent);
    ~CommandRun() override;

    /// Types into the terminal; without one there is nothing to type into.
    void write(const QByteArray &bytes);
    /// SIGINT to the command's process group, as ^C would.
    void interrupt();
    /// KILL for the whole tree; finished() follows with no exit code.
    void kill();

signals:
    void output(const QByteArray &bytes);
    void finished(const nightshift::tools::CommandEnd &end);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace nightshift::tools
