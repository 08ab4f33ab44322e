#include "context.h"

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

using Mode = SandboxPolicy::Mode;

// At the top of every writable root; the model should not try.
constexpr QLatin1StringView protectedNames[]{".git"_L1, ".agents"_L1, ".codex"_L1, ".aws"_L1, ".nightshift"_L1};

QString element(QLatin1StringView name, const QString &text)
{
    return u"<%1>%2</%1>"_s.arg(name, text.toHtmlEscaped());
}

QString entry(QLatin1StringView access, const QString &inner)
{
    return u"<entry access=\"%1\">%2</entry>"_s.arg(access, inner);
}

QStringList rootsOf(const Settings &settings)
{
    QStringList roots{settings.cwd};
    roots += settings.sandbox.writableRoots;
    roots.removeDuplicates();
    return roots;
}

bool mayWriteGit(const Settings &settings, QLatin1StringView name)
{
    return name == ".git"_L1 && settings.sandbox.git;
}

QString workspaceEntries(const Settings &settings)
{
    QString entries;
    for (const QString &root : rootsOf(settings))
        entries += entry("write"_L1, element("path"_L1, root));
    if (!settings.sandbox.excludeSlashTmp)
        entries += entry("write"_L1, element("special"_L1, u":slash_tmp"_s));
    if (!settings.sandbox.excludeTmpdirEnvVar)
        entries += entry("write"_L1, element("special"_L1, u":tmpdir"_s));
    for (const QLatin1StringView name : protectedNames) {
        if (mayWriteGit(settings, name))
            continue;
        for (const QString &root : rootsOf(settings))
            entries += entry("read"_L1, element("path"_L1, root + u'/' + name));
    }
    return entries;
}

QString fileSystem(const Settings &settings)
{
    QString roots;
    for (const QString &root : rootsOf(settings))
        roots += element("root"_L1, root);
    roots = u"<workspace_roots>%1</workspace_roots>"_s.arg(roots);
    if (settings.sandbox.mode == Mode::DangerFullAccess)
        return u"<filesystem>"_s + roots +
               u"<permission_profile type=\"disabled\"><file_system type=\"unrestricted\" /></permission_profile>"
               "</filesystem>"_s;
    QString entries = entry("read"_L1, element("special"_L1, u":root"_s));
    if (settings.sandbox.mode == Mode::WorkspaceWrite)
        entries += workspaceEntries(settings);
    return u"<filesystem>"_s + roots + u"<permission_profile type=\"managed\"><file_system type=\"restricted\">"_s +
           entries + u"</file_system></permission_profile></filesystem>"_s;
}

QString listed(const QStringList &items)
{
    return u'`' + items.join(u"`, `"_s) + u'`';
}

QString writingRule(const Settings &settings)
{
    switch (settings.sandbox.mode) {
    case Mode::ReadOnly:
        return u"The sandbox mode is `read-only`: commands can read files everywhere, and write none, /tmp included. "
               u"Do "
               "not try to edit; when the task asks for a change, describe it, or give it as a patch in the answer."_s;
    case Mode::DangerFullAccess:
        return u"The sandbox mode is `danger-full-access`: there is no sandbox. Commands can read and write everything "
               "and use the network, so keep to the working folder unless the task asks for more."_s;
    case Mode::WorkspaceWrite:
        break;
    }
    QStringList places = rootsOf(settings);
    if (!settings.sandbox.excludeSlashTmp)
        places += u"/tmp"_s;
    if (!settings.sandbox.excludeTmpdirEnvVar)
        places += u"$TMPDIR"_s;
    QStringList names;
    for (const QLatin1StringView name : protectedNames) {
        if (!mayWriteGit(settings, name))
            names += name;
    }
    return u"The sandbox mode is `workspace-write`: commands can read files everywhere, and write in %1 only. What is "
           u"named "
           "%2 at the top of these folders stays read-only%3."_s.arg(
               listed(places), listed(names), settings.sandbox.git ? QString() : u", so git cannot stage or commit"_s);
}

QString networkRule(const SandboxPolicy &sandbox)
{
    if (sandbox.mode == Mode::DangerFullAccess)
        return {};
    if (sandbox.mode == Mode::WorkspaceWrite && sandbox.networkAccess)
        return u"\nCommands can use the network."_s;
    return u"\nThere is no network for commands, not even to this machine itself: do not try downloads, package "
           "installation or servers."_s;
}

QString approvalRule(const Settings &settings)
{
    if (settings.approval == ApprovalPolicy::OnRequest)
        return u"\nWhere a command really must leave the sandbox, set `sandbox_permissions` to `require_escalated` and "
               u"say "
               "why in `justification`; the request may be denied."_s;
    return u"\nThe approval policy is `never`: nobody can lift these limits during the run. Never set "
           "`sandbox_permissions`; such calls are refused."_s;
}

} // namespace

QString environmentContext(const Settings &settings, const QString &shell, const QString &date, const QString &timezone)
{
    const QStringList lines{element("cwd"_L1, settings.cwd), element("shell"_L1, shell),
                            element("current_date"_L1, date), element("timezone"_L1, timezone), fileSystem(settings)};
    return u"<environment_context>\n  "_s + lines.join(u"\n  "_s) + u"\n</environment_context>"_s;
}

QString permissionsText(const Settings &settings)
{
    return u"<permissions instructions>\n"_s + writingRule(settings) + networkRule(settings.sandbox) +
           approvalRule(settings) + u"\n</permissions instructions>"_s;
}

} // namespace nightshift::config
