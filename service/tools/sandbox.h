#pragma once
#include "base/result.h"
#include "domain/settings.h"
#include <optional>

namespace nightshift::tools {

/// Turns a policy and an argv into the argv that is really run: our helper, bubblewrap, the command. Where
/// bubblewrap is missing or cannot make name spaces, the helper contains the command with Landlock.
/// What is the same for every command of a session is worked out once, in prepare(); what lies on disk at
/// the moment of a command (a missing .git, a link that appeared) is the helper's to see.
class Sandbox
{
public:
    /// `workspace` is absolute and canonical; `tmpdir` is the value of $TMPDIR, or empty.
    /// Denied where the machine cannot have a sandbox, as far as a glance tells (bubblewrap is missing, user
    /// namespaces are off); what only a try can tell comes with the first command, from failure().
    static Result<Sandbox> prepare(const SandboxPolicy &policy, const QString &workspace, const QString &tmpdir,
                                   const CommandLimits &limits = {});

    struct Launch
    {
        QString program;
        QStringList arguments;
        bool operator==(const Launch &) const = default;
    };
    /// `cwd` is absolute and without links. `inputBytes` of our helper's standard input become the command's own (else
    /// it has none); after them its end is the lifeline, which kills the command. `tty` is the path of a pseudo
    /// terminal's slave, or empty.
    Launch launch(const QStringList &argv, const QString &cwd, qint64 inputBytes = 0, const QString &tty = {}) const;
    /// The same for a command that keeps its caller's stdin, stdout and stderr, apart, in whatever folder `cwd` leads
    /// to. `lifeline` is a descriptor
    /// that the helper inherits: when the last other holder of its pipe is gone, the command is killed; -1 for none.
    Launch launchAttached(const QStringList &argv, const QString &cwd, int lifeline = -1) const;

    /// The same without containment, for what somebody allowed to leave it: still below our helper, under the limits.
    Sandbox opened() const;

    /// Whether a patch may write there by the policy alone: inside a writable root and not under a
    /// protected name. `path` is absolute; symbolic links are the helper's to catch.
    bool mayWrite(const QString &path) const;

    /// The helper's and bubblewrap's words as one sentence that says what to do about it.
    static Error failure(const QString &words);
    /// Names that nothing may write at the top of a writable root.
    static QStringList protectedNames(const SandboxPolicy &policy);

    /// An argv that carries out the edits on its standard input, for launch() (sandbox/writefiles.h).
    QStringList writeArgv() const { return {m_helper, QStringLiteral("write")}; }
    const SandboxPolicy &policy() const { return m_policy; }
    /// Absolute and canonical, shortest first: the workspace, writable roots, /tmp and $TMPDIR as the policy
    /// has them. Empty in the two other modes.
    const QStringList &writableRoots() const { return m_writableRoots; }

private:
    /// Why there can be no bubblewrap; nothing when it will be used.
    std::optional<Error> findWrapper(const QString &workspace);

    SandboxPolicy m_policy;
    QStringList m_writableRoots;
    QString m_helper;
    QStringList m_limits;  ///< The helper's options that limit a command.
    QStringList m_options; ///< The helper's, as far as they are the same for every command.
    QStringList m_wrapper; ///< bubblewrap and its options; empty with full access, and under Landlock alone.
};

} // namespace nightshift::tools
