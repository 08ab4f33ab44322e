#include "host/sessioncalls.h"
#include "isolation/isolatedtree.h"
#include "script/command.h"
#include "store/sessionindex.h"
#include <QDir>
#include <cmath>

using namespace Qt::StringLiterals;

namespace nightshift::host {

namespace {

constexpr double usualGraceSeconds = 5; // shells and builds need a moment to put things away

std::optional<qint64> wholeNumber(JsonView value)
{
    return value.isNumber() ? std::optional(value.toInteger()) : std::nullopt;
}

/// The options of session(), which is no item of a batch: without what only those have.
RawJson itemOptions(JsonView options)
{
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, value] : options.members()) {
        if (name != "id"_L1)
            members.emplace_back(name, value.raw());
    }
    return json::object(members);
}

RawJson applied(const Result<qsizetype> &count)
{
    return json::object({{"applied", count.has_value()},
                         {"message", count ? u"%1 files changed"_s.arg(*count) : count.error().message}});
}

} // namespace

SessionCalls::SessionCalls(batch::Runner &runner, Runs &runs, const PathRules &rules, const QString &program)
    : m_runner(runner)
    , m_runs(runs)
    , m_rules(rules)
    , m_program(program)
{}

void SessionCalls::addTo(script::HostModule &module)
{
    static const std::pair<const char *, Verb> verbs[]{
        {"session.send", &SessionCalls::send},     {"session.steer", &SessionCalls::steer},
        {"session.cancel", &SessionCalls::cancel}, {"session.fork", &SessionCalls::fork},
        {"session.listen", &SessionCalls::listen}, {"session.diff", &SessionCalls::diff},
        {"session.apply", &SessionCalls::apply},   {"session.bundle", &SessionCalls::bundle},
        {"session.close", &SessionCalls::close}};
    for (const auto &[name, verb] : verbs)
        module.later[name] = [this, verb = verb](const RawJson &text, const script::Answer &answer) {
            call(verb, text, answer);
        };
}

void SessionCalls::call(Verb verb, const RawJson &text, const script::Answer &answer)
{
    const auto document = JsonDocument::parse(text.text);
    if (!document)
        return answer(std::unexpected(document.error()));
    const auto found = session(document->root());
    if (!found)
        return answer(std::unexpected(found.error()));
    (this->*verb)(**found, document->root(), answer);
}

Result<AgentSession *> SessionCalls::session(JsonView call)
{
    const auto known = m_sessions.find(call["handle"].toInteger());
    if (known == m_sessions.end())
        return open(call["handle"].toInteger(), call["options"], {});
    if (!known->second)
        return fail(Error::Kind::Invalid, u"the session is closed"_s);
    return known->second;
}

Result<AgentSession::Origin> SessionCalls::origin(JsonView options, const batch::PreparedItem &item) const
{
    const QString id = options["id"].toString();
    if (id.isEmpty())
        return AgentSession::Origin();
    const QString &state = item.settings.home.state;
    const auto file = store::sessionFile(state, id);
    const auto row = file ? store::readRow(state, *file, m_runner.decompress()) : std::nullopt;
    if (!row)
        return fail(Error::Kind::NotFound, u"session(): there is no session %1"_s.arg(id));
    const auto tree = isolation::IsolatedTree::ofSession(state, id);
    if (const auto folder = m_rules.input(tree ? tree->tree() : row->cwd); !folder && m_runner.bounds())
        return fail(Error::Kind::Denied,
                    u"session(): the session %1 worked elsewhere: %2"_s.arg(id, folder.error().message));
    return AgentSession::Origin{
        .log = file->path, .way = batch::SessionRun::Order::Way::Resume, .atTurn = {}, .id = id, .before = {}};
}

Result<AgentSession *> SessionCalls::open(qint64 handle, JsonView given, std::optional<AgentSession::Origin> from)
{
    const auto words = JsonDocument::parse(itemOptions(given).text);
    auto options = batch::optionsFromJson(words->root());
    if (!options)
        return failAt(u"session()"_s, options.error());
    if (const auto settled = m_rules.settle(*options); !settled)
        return failAt(u"session()"_s, settled.error());
    auto item = m_runner.prepare(*options);
    if (!item)
        return failAt(u"session()"_s, item.error());
    if (!from) {
        auto known = origin(given, *item);
        if (!known)
            return std::unexpected(known.error());
        from = std::move(*known);
        if (!from->id.isEmpty() && isolation::IsolatedTree::ofSession(item->settings.home.state, from->id) &&
            item->settings.isolation == Isolation::None)
            item->settings.isolation = Isolation::Worktree; // it goes on where it was
    }
    return m_sessions[handle] = new AgentSession(m_runner, m_runs, std::move(*item), std::move(*from), this);
}

void SessionCalls::send(AgentSession &session, JsonView call, const script::Answer &answer)
{
    const auto ask = turnAskFromJson(call, m_rules);
    if (!ask)
        return answer(failAt(u"send()"_s, ask.error()));
    session.send(*ask, answer);
}

void SessionCalls::steer(AgentSession &session, JsonView call, const script::Answer &answer)
{
    const auto input = userInputFromJson(call["input"], m_rules);
    const auto told = input ? session.steer(*input) : Result<>(failAt(u"steer()"_s, input.error()));
    answer(told ? Result<RawJson>(json::null()) : std::unexpected(told.error()));
}

void SessionCalls::cancel(AgentSession &session, JsonView call, const script::Answer &answer)
{
    const QString mode = call["mode"].toString(u"graceful"_s);
    if (mode != "graceful"_L1 && mode != "kill"_L1)
        return answer(fail(Error::Kind::Invalid, u"cancel(): /mode: expected graceful or kill"_s));
    const double grace = mode == "kill"_L1 ? 0 : call["grace_s"].toDouble(usualGraceSeconds);
    session.cancel({FailureCode::CancelledByUser, u"the script cancelled it"_s},
                   std::chrono::milliseconds(std::llround(grace * 1000)));
    answer(json::null());
}

void SessionCalls::fork(AgentSession &session, JsonView call, const script::Answer &answer)
{
    auto origin = session.fork(wholeNumber(call["at_turn"]));
    const auto child =
        origin ? open(call["child"].toInteger(), call["options"], std::move(*origin)) : std::unexpected(origin.error());
    answer(child ? Result<RawJson>(json::null()) : std::unexpected(child.error()));
}

void SessionCalls::listen(AgentSession &session, JsonView call, const script::Answer &answer)
{
    const qint64 handle = call["handle"].toInteger();
    connect(&session, &AgentSession::event, this, [this, handle](const RawJson &event) {
        m_script->emitEvent("session", json::object({{"handle", handle}, {"event", event}}));
    });
    m_listening();
    answer(json::null());
}

void SessionCalls::diff(AgentSession &session, JsonView, const script::Answer &answer)
{
    const auto diff = session.diff();
    answer(diff ? Result<RawJson>(json::string(QStringView(*diff))) : std::unexpected(diff.error()));
}

void SessionCalls::apply(AgentSession &session, JsonView call, const script::Answer &answer)
{
    if (m_runner.rehearses())
        return answer(applied(fail(Error::Kind::Denied, u"a drill applies nothing"_s)));
    auto tree = isolation::IsolatedTree::ofSession(session.state(), session.id());
    if (!tree)
        return answer(std::unexpected(tree.error()));
    if (const auto admitted = m_runner.bounds() ? m_runner.bounds()->admitResults(tree->tree()) : Result<>(); !admitted)
        return answer(applied(std::unexpected(admitted.error())));
    if (const QString branch = call["to"].toString(); !branch.isEmpty()) {
        const auto current = tree->branch();
        if (!current || *current != branch)
            return answer(
                applied(fail(Error::Kind::Denied, u"%1 is not on the branch %2"_s.arg(tree->tree(), branch))));
    }
    if (!call["check"].isArray() || tree->isApplied())
        return answer(applied(tree->apply()));
    QStringList argv;
    for (const JsonView &word : call["check"].items())
        argv += word.toString();
    const auto check = session.check(argv);
    if (!check)
        return answer(std::unexpected(check.error()));
    connect(*check, &batch::CheckRun::finished, this,
            [answer, check = *check, state = session.state(), id = session.id()](const std::optional<QString> &why) {
                check->deleteLater();
                auto again = isolation::IsolatedTree::ofSession(state, id);
                answer(applied(why     ? fail(Error::Kind::Denied, u"the check failed: "_s + *why)
                               : again ? again->apply()
                                       : std::unexpected(again.error())));
            });
}

void SessionCalls::bundle(AgentSession &session, JsonView call, const script::Answer &answer)
{
    const auto path = m_rules.output(call["path"].toString());
    if (!path)
        return answer(std::unexpected(path.error()));
    const RawJson order = json::object(
        {{"argv", json::array({m_program, u"sessions"_s, u"export"_s, session.id(), u"--output"_s, *path})}});
    const auto made = [answer, path = *path](const Result<RawJson> &ended) {
        const auto end = ended ? JsonDocument::parse(ended->text) : std::unexpected(ended.error());
        if (!end || end->root()["exit_code"].toInteger(1) != 0)
            return answer(
                fail(Error::Kind::Internal,
                     u"bundle(): "_s + (end ? end->root()["stderr"].toString().trimmed() : end.error().message)));
        answer(json::string(QStringView(path)));
    };
    script::Command::run(order, m_rules.folder, made, this);
}

void SessionCalls::close(AgentSession &session, JsonView call, const script::Answer &answer)
{
    session.cancel({FailureCode::CancelledByUser, u"the script closed it"_s});
    m_sessions[call["handle"].toInteger()] = nullptr;
    session.deleteLater();
    answer(json::null());
}

void SessionCalls::stop()
{
    for (const auto &[handle, session] : m_sessions) {
        if (session)
            session->cancel({FailureCode::Interrupted, u"the script was stopped"_s});
    }
}

} // namespace nightshift::host
