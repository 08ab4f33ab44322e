#pragma once
#include "tools/heredoc.h"
#include "tools/patchjob.h"
#include <QPointer>

namespace nightshift::tools {

/// `apply_patch`: adds, deletes, changes and moves files, all or none. The helper writes them, under the
/// same containment as commands. Patches are worked on one after the other, so that each one sees what
/// the one before has written.
class PatchTool : public Tool
{
public:
    enum class Shape {
        Freeform, ///< The call's input is the patch; a grammar keeps the model to the format.
        Function, ///< The patch is the argument `input`.
    };
    /// `sandbox` outlives the tool. Relative paths in patches start at `cwd`, which is absolute.
    PatchTool(const Sandbox &sandbox, QString cwd, Shape shape, Tell tell);

    QString name() const override { return QStringLiteral("apply_patch"); }
    RawJson definition() const override;
    Proposal propose(const ToolCall &call) override;
    /// Takes either shape of call, whichever was offered.
    ToolJob *start(const ToolCall &call, QObject *parent) override;

    /// For a command that turned out to be a patch; `workdir` is where the command would have run.
    Proposal proposeFromShell(const ShellPatch &patch, const QString &workdir) const;
    ToolJob *startFromShell(const ToolCall &call, const ShellPatch &patch, const QString &workdir, QObject *parent);

private:
    Proposal proposal(const QString &text, const QString &cwd) const;
    ToolJob *begin(PatchJob::Request request, const Permit &permit, QObject *parent);

    const Sandbox &m_sandbox;
    QString m_cwd;
    Shape m_shape;
    Tell m_tell;
    QPointer<PatchJob> m_last;
};

} // namespace nightshift::tools
