#include "replay.h"
#include "engine/reopening.h"
#include "store/recording.h"
#include "store/writerlock.h"
#include "wire/eventmessage.h"
#include "wire/itemreader.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

QByteArrayView firstLine(QByteArrayView text)
{
    return text.first(qMax<qsizetype>(text.indexOf('\n'), 0));
}

/// The payload of the first line of this type; empty when there is none.
QByteArrayView firstOf(QByteArrayView type, QByteArrayView text)
{
    store::ForwardLines lines(text);
    while (const auto line = lines.next()) {
        const auto record = store::wholeRecord(*line);
        if (record && record->type == type)
            return record->payload;
    }
    return {};
}

QString sandboxOf(JsonView context)
{
    const JsonView policy = context["sandbox_policy"];
    const QByteArrayView mode = policy[policy["type"].exists() ? "type" : "mode"].utf8(); // the latter in 2025
    SandboxPolicy read{.networkAccess = policy["network_access"].toBool(),
                       .excludeSlashTmp = policy["exclude_slash_tmp"].toBool(),
                       .excludeTmpdirEnvVar = policy["exclude_tmpdir_env_var"].toBool()};
    if (mode == "workspace-write")
        read.mode = SandboxPolicy::Mode::WorkspaceWrite;
    else if (mode == "danger-full-access")
        read.mode = SandboxPolicy::Mode::DangerFullAccess;
    for (const JsonView root : policy["writable_roots"].items())
        read.writableRoots += root.toString();
    return sandboxSummary(read);
}

bool isContent(const Event &event)
{
    return std::holds_alternative<UserSaid>(event) || std::holds_alternative<MessageCompleted>(event) ||
           std::holds_alternative<ReasoningCompleted>(event) || std::holds_alternative<CommandStarted>(event);
}

} // namespace

Result<Replay> Replay::open(const QString &stateDir, const QString &path, const store::Decompress &decompress)
{
    auto file = store::MappedFile::open(path, decompress);
    if (!file)
        return std::unexpected(file.error());
    const auto head = store::wholeRecord(firstLine((*file)->text()));
    const auto payload = JsonDocument::parse(head ? head->payload : QByteArrayView());
    if (!payload || head->type != "session_meta")
        return fail(Error::Kind::Invalid,
                    u"%1:1: expected the session_meta line that begins a session log"_s.arg(path));
    return Replay({stateDir, path, decompress}, std::move(*file), store::metaFromPayload(payload->root()));
}

Replay::Replay(Source source, std::shared_ptr<store::MappedFile> file, const store::SessionMeta &meta)
    : m_source(std::move(source))
    , m_file(std::move(file))
    , m_lines(m_file->text())
    , m_sessionId(meta.id)
    , m_ours(meta.format > 0 && m_file->text().contains("\"payload\":{\"type\":\"session_configured\""))
{
    if (!m_ours)
        beginForeign(meta);
}

void Replay::beginForeign(const store::SessionMeta &meta)
{
    const QByteArrayView text = m_file->text();
    m_fromItems = !text.contains("\"type\":\"agent_message\"") && !text.contains("\"type\":\"AgentMessage\"");
    const auto context = JsonDocument::parse(firstOf("turn_context", text));
    const JsonView settings = context ? context->root() : JsonView();
    m_ready.push_back(SessionStarted{.sessionId = meta.id,
                                     .model = settings["model"].toString(),
                                     .provider = meta.provider,
                                     .cwd = settings["cwd"].toString(meta.cwd),
                                     .rolloutPath = m_source.path,
                                     .approval = settings["approval_policy"].toString(u"never"_s),
                                     .sandbox = sandboxOf(settings)});
    m_begun = true;
}

std::optional<Event> Replay::next()
{
    while (m_ready.empty() && !m_finished) {
        const auto line = m_lines.next();
        if (!line)
            finish();
        else if (const auto record = store::wholeRecord(*line))
            take(*record);
    }
    if (m_ready.empty())
        return {};
    Event event = std::move(m_ready.front());
    m_ready.pop_front();
    return event;
}

void Replay::take(const store::Record &record)
{
    if (record.type == "response_item" && m_fromItems)
        return takeItem(record.payload);
    if (record.type != "event_msg")
        return;
    const auto payload = JsonDocument::parse(record.payload);
    auto event = payload ? wire::fromMessage(payload->root()) : std::nullopt;
    if (!event || (std::holds_alternative<UsageReported>(*event) && !payload->root()["info"].isObject()))
        return;
    // Before the first run of ours stands what a fork inherited.
    m_begun = m_begun || std::holds_alternative<SessionStarted>(*event);
    if (!m_begun || (m_fromItems && std::holds_alternative<UserSaid>(*event)))
        return;
    if (payload->root()["type"].utf8() == "item_completed") {
        if (auto beginning = wire::beginningOf(*event))
            put(std::move(*beginning));
    }
    if (auto *completed = std::get_if<TurnCompleted>(&*event); completed && !payload->root()["usage"].exists())
        completed->usage = m_usage;
    put(std::move(*event));
}

void Replay::takeItem(QByteArrayView payload)
{
    const auto item = JsonDocument::parse(payload);
    if (!item)
        return;
    for (Event &event : m_items.events(item->root()))
        put(std::move(event));
}

/// With what must stand before it.
void Replay::put(Event event)
{
    endTurnBefore(event);
    if (!m_ours && !m_turnOpen && isContent(event)) {
        m_turnOpen = m_turnIsGuessed = true;
        m_ready.push_back(TurnStarted{});
    }
    if (std::holds_alternative<TurnStarted>(event)) {
        m_turnOpen = true;
        m_turnIsGuessed = false;
        m_lastMessage.reset();
    } else if (std::holds_alternative<TurnCompleted>(event) || std::holds_alternative<TurnFailed>(event)) {
        m_turnOpen = m_turnIsGuessed = false;
    } else if (const auto *usage = std::get_if<UsageReported>(&event)) {
        m_usage = usage->total;
    } else if (const auto *message = std::get_if<MessageCompleted>(&event)) {
        m_lastMessage = message->text;
    }
    m_ready.push_back(std::move(event));
}

/// A turn that no line ended is over when the user speaks again.
void Replay::endTurnBefore(const Event &event)
{
    const bool next = std::holds_alternative<TurnStarted>(event) || std::holds_alternative<SessionStarted>(event) ||
                      (m_turnIsGuessed && m_lastMessage && std::holds_alternative<UserSaid>(event));
    if (!next || !m_turnOpen || m_ours)
        return;
    m_ready.push_back(TurnCompleted{.usage = m_usage, .lastMessage = std::exchange(m_lastMessage, {})});
    m_turnOpen = m_turnIsGuessed = false;
}

void Replay::finish()
{
    m_finished = true;
    if (!m_turnOpen)
        return;
    if (m_turnIsGuessed) {
        m_ready.push_back(TurnCompleted{.usage = m_usage, .lastMessage = m_lastMessage});
        return;
    }
    if (store::WriterLock::isHeld(m_source.stateDir, m_sessionId))
        return;
    const auto recording = store::readRecording(m_source.stateDir, m_source.path, m_source.decompress);
    if (!recording)
        return;
    for (Event &ending : lostEndings(*recording))
        m_ready.push_back(std::move(ending));
}

} // namespace nightshift::engine
