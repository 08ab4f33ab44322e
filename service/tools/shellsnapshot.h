#pragma once
#include "tools/commandrun.h"

namespace nightshift::tools {

/// What the user's login files make of a command's environment, found out once in a session. Commands after that start
/// their shell with it and read no login files, which cost as much as the rest of a small command.
///
///   first command: nothing --(second)--> Taking --(its end)--> known, until a file or what a command is given changes
///
/// For bash alone, and only where the environment is all that those files change. Where they leave functions, aliases,
/// options, traps, limits or another folder behind, say something or fail, each command goes on reading them.
class ShellSnapshot : public QObject
{
    Q_OBJECT

public:
    /// `sandbox` outlives this; the login files are read inside of it, as a command would.
    ShellSnapshot(const Sandbox &sandbox, QObject *parent);

    /// How to run what `bash -lc` is to run without login files; unchanged where that is not known, or not the same.
    CommandRun::Options restored(CommandRun::Options options);

    bool isTaking() const { return m_run != nullptr; }
    /// Kills what reads the files; ended() follows if it did.
    void stop();

signals:
    void ended();

private:
    /// When each of the files that a login shell may read was last written; zero where there is none.
    struct FileTime
    {
        qint64 seconds = 0;
        qint64 nanoseconds = 0;
        bool operator==(const FileTime &) const = default;
    };
    /// All that the result depends on.
    struct Base
    {
        QString shell;
        QStringList environment; ///< But for the name of the call.
        std::vector<FileTime> files;
        bool operator==(const Base &) const = default;
    };
    static std::vector<FileTime> loginFiles(const QStringList &environment);
    void take(Base base, const CommandRun::Options &options);
    void onFinished(const QString &cwd, const CommandEnd &end);

    const Sandbox &m_sandbox;
    bool m_isFirst = true;
    int m_takes = 0;
    std::optional<Base> m_base;               ///< Of what is known, or being found out.
    std::optional<QStringList> m_environment; ///< But for the name of the call. Absent: it is not to be had.
    QByteArray m_output;
    CommandRun *m_run = nullptr;
};

} // namespace nightshift::tools
