#pragma once
#include "base/jsonreader.h"
#include "support/scriptedserver.h"
#include <QProcess>
#include <QProcessEnvironment>
#include <QTemporaryDir>
#include <functional>
#include <memory>

namespace nightshift::test {

/// What a run left behind.
struct Ended
{
    QByteArray out;
    QByteArray err;
    int exitCode = -1; ///< -1 when a signal ended it, or nothing did within half a minute.
    int signal = 0;
    bool operator==(const Ended &) const = default;
};

/// The program while it runs. Waiting keeps this process's event loop going, where the model server lives.
class Run
{
public:
    ~Run();

    Ended wait();
    /// Whether stdout holds `text`, now or soon.
    bool prints(const QByteArray &text) { return shows(m_out, text); }
    /// The same for stderr.
    bool says(const QByteArray &text) { return shows(m_err, text); }
    /// Kills it with SIGKILL as soon as stdout has this many lines.
    void killAfterLines(qsizetype lines);
    /// Nothing when it has ended already.
    void send(int signal);
    qint64 pid() const { return m_process.processId(); }
    const QByteArray &out() const { return m_out; }
    const QByteArray &err() const { return m_err; }

private:
    friend class Program;
    void onOutput();
    bool shows(const QByteArray &stream, const QByteArray &text);

    QProcess m_process;
    QByteArray m_out;
    QByteArray m_err;
    qsizetype m_linesToLive = -1;
    std::function<void(const Ended &)> m_afterwards; ///< Called once it has ended.
};

/// The built program, with a model server, a home, a state folder and a Git working tree of its own, all
/// outside /tmp, which is a writable root by itself.
///
/// Of every run that prints events it is checked that each line fits its schema, and, when the run comes to its end,
/// that `sessions show` prints the same again.
class Program
{
public:
    Program();

    ScriptedServer server;
    QProcessEnvironment environment;
    QString binary;                ///< The built program; an installed one when NIGHTSHIFT_PROGRAM names it.
    std::function<void()> inChild; ///< Runs in the process that becomes the program, its streams in place.

    QString work() const { return m_folder.path() + QStringLiteral("/tree"); }
    QString home() const { return m_folder.path() + QStringLiteral("/home"); }
    QString state() const { return m_folder.path() + QStringLiteral("/state"); }
    /// Writes a file, its folders made; the name is relative to the working tree.
    QString write(const QString &name, const QByteArray &content) const;
    QByteArray read(const QString &name) const;

    /// `BINARY exec ARGS` in the working tree; stdin is empty unless something is given.
    Ended exec(const QStringList &args, const QByteArray &stdinBytes = {});
    std::unique_ptr<Run> start(const QStringList &args, const QByteArray &stdinBytes = {});
    /// `BINARY ARGS`: any command.
    Ended run(const QStringList &args);
    std::unique_ptr<Run> launch(const QStringList &words, const QByteArray &stdinBytes = {});

    /// The session logs, oldest first.
    QStringList logs() const;
    /// The lines of the only session's log, ordinals and types checked; empty when there is not one session.
    std::vector<JsonDocument> log() const;

    /// With what differs from run to run replaced: WORK, HOME, STATE, SERVER, ID for UUIDs, DATE, DURATION.
    QByteArray plain(QByteArray text) const;

private:
    void checkEvents(const QStringList &args, const Ended &ended);

    QTemporaryDir m_folder;
};

/// What is said of a log line: "event_msg task_started", "response_item function_call".
QByteArrayList kinds(const std::vector<JsonDocument> &lines);

/// Processes with `marker` in their command line.
QByteArrayList processesWith(const QByteArray &marker);

} // namespace nightshift::test
