#include "requirements.h"
#include "config/configfile.h"

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

using Mode = SandboxPolicy::Mode;

/// The loosest allowed mode that is no looser than what was asked for; else the strictest allowed.
Mode nearest(Mode asked, const QStringList &allowed)
{
    Mode below = asked;
    bool found = false;
    for (const Mode mode : {Mode::ReadOnly, Mode::WorkspaceWrite, Mode::DangerFullAccess}) {
        if (!allowed.contains(sandboxModeName(mode)) || (found && mode > asked))
            continue;
        below = mode;
        found = true;
    }
    return below;
}

} // namespace

Result<> applyRequirements(const LoadOptions &options, Settings &settings)
{
    const QString path = options.systemFolder + u"/requirements.toml"_s;
    const auto entries = readConfigFile(path, LayerKind::Managed);
    if (!entries)
        return std::unexpected(entries.error());
    const Entry *modes = find(*entries, {u"allowed_sandbox_modes"_s});
    const QString asked = sandboxModeName(settings.sandbox.mode);
    if (modes && !modes->value.strings().contains(asked)) {
        const QStringList allowed = modes->value.strings();
        const Mode mode = nearest(settings.sandbox.mode, allowed);
        if (options.yolo || !allowed.contains(sandboxModeName(mode)))
            return fail(Error::Kind::Denied, u"%1: the sandbox mode %2 is not allowed here, only %3"_s.arg(
                                                 modes->origin.text(), asked, allowed.join(u", ")));
        settings.sandbox.mode = mode;
        settings.notices += u"%1: the sandbox mode %2 is not allowed here; the run uses %3"_s.arg(
            modes->origin.text(), asked, sandboxModeName(mode));
    }
    const Entry *policies = find(*entries, {u"allowed_approval_policies"_s});
    if (policies && settings.approval == ApprovalPolicy::OnRequest &&
        !policies->value.strings().contains(u"on-request"_s)) {
        settings.approval = ApprovalPolicy::Never;
        settings.notices += u"%1: the approval policy on-request is not allowed here; the run uses never"_s.arg(
            policies->origin.text());
    }
    return {};
}

} // namespace nightshift::config
