#include "hooks/settingshooks.h"
#include "base/jsonreader.h"
#include <QTimer>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::hooks {

namespace {

/// The reference's name for a moment; empty where it has none.
QLatin1StringView eventName(HookMoment moment)
{
    switch (moment) {
    case HookMoment::SessionStart:
        return "SessionStart"_L1;
    case HookMoment::SessionEnd:
        return "SessionEnd"_L1;
    case HookMoment::Prompt:
        return "UserPromptSubmit"_L1;
    case HookMoment::Command:
    case HookMoment::Patch:
    case HookMoment::Tool:
        return "PreToolUse"_L1;
    case HookMoment::ToolEnd:
        return "PostToolUse"_L1;
    case HookMoment::Approval:
        return "PermissionRequest"_L1;
    case HookMoment::TurnEnd:
        return "Stop"_L1;
    case HookMoment::Event:
    case HookMoment::Result:
        break;
    }
    return {};
}

/// Not concerned: no opinion, from the event loop.
class Indifferent : public HookJob
{
public:
    explicit Indifferent(ProgramJob::Answered answered)
    {
        QObject::connect(&m_soon, &QTimer::timeout, &m_soon,
                         [answered = std::move(answered)] { answered(QByteArray()); });
        m_soon.setSingleShot(true);
        m_soon.start(0);
    }

private:
    QTimer m_soon;
};

} // namespace

SettingsHook::SettingsHook(HookSettings hook, QRegularExpression matcher, tools::Sandbox noSandbox,
                           tools::AttachedProcess::Options options)
    : m_hook(std::move(hook))
    , m_matcher(std::move(matcher))
    , m_noSandbox(std::move(noSandbox))
    , m_options(std::move(options))
{}

Result<HookSources> SettingsHook::open(const Settings &settings, const QStringList &environment)
{
    HookSources sources;
    if (settings.hooks.empty())
        return sources;
    auto sandbox = noSandbox();
    if (!sandbox)
        return std::unexpected(sandbox.error());
    for (const HookSettings &hook : settings.hooks) {
        const QRegularExpression matcher(hook.matcher == u"*"_s ? QString() : hook.matcher);
        if (!matcher.isValid())
            return fail(Error::Kind::Invalid, u"%1: the matcher `%2` of hooks.%3 is no regular expression: %4"_s.arg(
                                                  hook.source, hook.matcher, hook.event, matcher.errorString()));
        const tools::AttachedProcess::Options options{
            .argv = {u"/bin/sh"_s, u"-c"_s, hook.command}, .cwd = settings.cwd, .environment = environment};
        sources.push_back(std::shared_ptr<SettingsHook>(new SettingsHook(hook, matcher, *sandbox, options)));
    }
    return sources;
}

bool SettingsHook::wants(HookMoment moment) const
{
    return m_hook.event == eventName(moment);
}

/// On the tool's name, or on how a session began; events without either have nothing to match. Names joined by bars
/// mean exactly these, everything else is a regular expression that may match a part. Patches go by two more names.
bool SettingsHook::matches(const RawJson &event) const
{
    const auto document = JsonDocument::parse(event.text);
    const JsonView tool = document->root()["tool_name"];
    const JsonView subject = tool.exists() ? tool : document->root()["source"];
    QStringList names{subject.toString()};
    if (names.first() == "apply_patch"_L1)
        names += {u"Edit"_s, u"Write"_s};
    const QString &matcher = m_hook.matcher;
    const bool isList =
        std::ranges::all_of(matcher, [](QChar c) { return c.isLetterOrNumber() || c == u'_' || c == u'|'; });
    const QStringList wanted = isList ? matcher.split(u'|') : QStringList();
    return !subject.exists() || std::ranges::any_of(names, [&](const QString &name) {
        return isList ? wanted.contains(name) : m_matcher.match(name).hasMatch();
    });
}

std::unique_ptr<HookJob> SettingsHook::ask(const HookQuestion &question, ProgramJob::Answered answered)
{
    if (!m_matcher.pattern().isEmpty() && !matches(question.event))
        return std::make_unique<Indifferent>(std::move(answered));
    return std::make_unique<ProgramJob>(m_noSandbox, m_options, question, std::move(answered));
}

} // namespace nightshift::hooks
