#pragma once
#include "base/result.h"
#include "domain/settings.h"

namespace nightshift::tools {

/// Turns a policy and an argv into the argv that is really run: our helper, bubblewrap, the command.
/// What is the same for every command of a session is worked out once, in prepare().
class Sandbox
{
public:
    /// `workspace` is absolute and canonical; `tmpdir` is the value of $TMPDIR, or empty.
    /// Denied where the machine allows no sandbox; the sentence says what to install or to allow.
    static Result<Sandbox> prepare(const SandboxPolicy &policy, const QString &workspace, const QString &tmpdir,
                                   const CommandLimits &limits = {});

    struct Launch
    {
        QString program;
        QStringList arguments;
        bool operator==(const Launch &) const = default;
    };
    /// `cwd` is absolute. `inputBytes` of our helper's standard input become the command's own (else it
    /// has none). `tty` is the path of a pseudo terminal's slave, or empty.
    Launch launch(const QStringList &argv, const QString &cwd, qint64 inputBytes = 0, const QString &tty = {}) const;

    /// Whether a patch may write there by the policy alone: inside a writable root and not under a
    /// protected name. `path` is absolute; symbolic links are the helper's to catch.
    bool mayWrite(const QString &path) const;

    const SandboxPolicy &policy() const { return m_policy; }
    /// Absolute and canonical: the workspace, writable roots, /tmp and $TMPDIR as the policy has them.
    const QStringList &writableRoots() const { return m_writableRoots; }

private:
    SandboxPolicy m_policy;
    QStringList m_writableRoots;
    QStringList m_prefix; ///< The helper's arguments up to what differs from command to command.
};

} // namespace nightshift::tools
