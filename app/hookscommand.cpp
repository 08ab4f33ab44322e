#include "hookscommand.h"
#include "app/exitcodes.h"
#include "app/hookfiles.h"
#include "app/modules.h"
#include "app/settingflags.h"
#include "app/stdoutwriter.h"
#include "base/jsonreader.h"
#include "base/showntext.h"
#include "engine/hookevents.h"
#include "hooks/round.h"
#include "tools/usershell.h"
#include <QCoreApplication>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

using Kind = hooks::Decision::Kind;

int refuse(const QString &message, int exitCode = int(ExitCode::Failure))
{
    sayLine(u"Error: "_s + message);
    return exitCode;
}

/// What a hook would be given: the members that are missing are made as for a real call.
Result<HookQuestion> questionFrom(const QString &text, const Settings &settings)
{
    const auto document = JsonDocument::parse(text.toUtf8());
    if (!document || !document->root().isObject())
        return fail(Error::Kind::Invalid, u"--event: expected a JSON object%1"_s.arg(
                                              document ? QString() : u": "_s + document.error().message));
    const JsonView given = document->root();
    const auto moment = hookFromName(given["hook"].toString(u"onCommand"_s));
    if (!moment)
        return fail(Error::Kind::Invalid, u"--event: `hook` is %1; expected onCommand, onPatch, onTool, onApproval, "
                                          "onPrompt or onTurnEnd"_s.arg(QString::fromUtf8(given["hook"].raw().text)));
    const QString command = given["command"].toString();
    const tools::Proposal proposal{
        .kind = *moment == HookMoment::Command ? tools::Proposal::Kind::Command : tools::Proposal::Kind::Tool,
        .command = {tools::shellCommand(u"/bin/bash"_s, command, tools::Login::Yes), settings.cwd, {}}};
    const engine::HookPlace place{u"test"_s, u"test"_s, {}, settings};
    const RawJson made = engine::callEvent(*moment, place, {.id = u"test"_s, .name = given["tool"].toString()},
                                           proposal, commands::fromModule(modulePath(u"nightshift-bash"_s)));
    const auto defaults = JsonDocument::parse(made.text);
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, value] : defaults->root().members()) {
        const JsonView own = given[name.toUtf8().constData()];
        members.emplace_back(name, own.exists() ? own.raw() : value.raw());
    }
    for (const auto &[name, value] : given.members()) {
        if (!defaults->root()[name.toUtf8().constData()].exists())
            members.emplace_back(name, value.raw());
    }
    return HookQuestion{*moment, json::object(members)};
}

std::optional<QString> unlessEmpty(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

RawJson decisionObject(const hooks::Answer &answer)
{
    const hooks::Decision &decision = answer.decision;
    const auto &rewrite = decision.rewrite;
    return json::object({{"decision", hooks::decisionName(decision)},
                         {"by", decision.failed ? "hook_failure" : "hook"},
                         {"source", answer.source},
                         {"reason", unlessEmpty(decision.reason)},
                         {"command", rewrite.command},
                         {"argv", rewrite.argv.isEmpty() ? std::nullopt : std::optional(json::array(rewrite.argv))},
                         {"patch", rewrite.patch},
                         {"arguments", rewrite.arguments},
                         {"output", rewrite.output},
                         {"context", unlessEmpty(decision.context)}});
}

/// Asks, and ends the program with what came of it.
int ask(const HookSources &sources, const HookQuestion &question)
{
    if (!hooks::Round::isWorthwhile(sources, question.moment))
        return refuse(u"the file has no %1"_s.arg(hookName(question.moment)));
    hooks::Round round(sources, question.moment, [&] { return question.event; }, nullptr);
    int exitCode = int(ExitCode::Success);
    QObject::connect(&round, &hooks::Round::answered, &round, [&](const hooks::Answer &answer) {
        // Somebody decides by it: nothing in it stays hidden.
        writeFully(STDOUT_FILENO, shownJson(decisionObject(answer).text + '\n', Reader::Terminal));
        if (answer.decision.kind == Kind::Deny)
            exitCode = int(ExitCode::Denied);
        if (answer.decision.failed)
            exitCode = int(ExitCode::Failure);
    });
    QObject::connect(&round, &hooks::Round::finished, &round, [&] { QCoreApplication::exit(exitCode); });
    return QCoreApplication::exec();
}

} // namespace

int runHooks(const HooksOptions &options)
{
    const QStringList &words = options.words;
    const bool known = words.size() == 4 && words[0] == "test"_L1 && words[2] == "--event"_L1;
    if (!known)
        return refuse(u"expected: hooks test FILE --event JSON"_s, int(ExitCode::Usage));
    const auto loaded = loadSettings(options.settings);
    if (!loaded)
        return refuse(loaded.error().message, loaded.error().exitCode);
    SettingFlags flags = options.settings;
    flags.hookFiles = {words[1]};
    const auto sources = openHookFiles(flags, loaded->settings.cwd, loaded->settings.home.state);
    if (!sources)
        return refuse(sources.error().message);
    const auto question = questionFrom(words[3], loaded->settings);
    return question ? ask(*sources, *question) : refuse(question.error().message);
}

} // namespace nightshift::app
