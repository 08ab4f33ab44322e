#include "approvalbook.h"
#include "wire/approvalobjects.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Judged;
using http::Problem;
using http::ProblemCode;

constexpr size_t keptEntries = 10'000; // who asks later reads the session's events

ApprovalBook::ApprovalBook(Sessions &sessions)
    : m_sessions(sessions)
{
    connect(&sessions, &Sessions::recorded, this, &ApprovalBook::onRecorded);
}

RawJson ApprovalBook::Entry::object() const
{
    std::vector<std::pair<QString, RawJson>> members;
    const auto own = JsonDocument::parse(approval.text);
    for (const auto &[name, value] : own->root().members())
        members.emplace_back(name, value.raw());
    members.emplace_back(u"session"_s, json::string(sessionId));
    const auto end = JsonDocument::parse(resolution ? resolution->text : QByteArray("{}"));
    const JsonView decision = end->root()["decision"];
    members.emplace_back(u"status"_s, decision.exists() ? decision.raw() : json::string(u"pending"));
    for (const char *name : {"by", "scope", "message"}) {
        if (const JsonView value = end->root()[name]; value.exists())
            members.emplace_back(QString::fromLatin1(name), value.raw());
    }
    if (const JsonView command = end->root()["command"]; command.exists())
        members.emplace_back(u"rewritten_to"_s, command.raw());
    if (const JsonView time = end->root()["time"]; time.exists())
        members.emplace_back(u"resolved_at"_s, time.raw());
    return json::object(members);
}

QByteArray ApprovalBook::Entry::status() const
{
    const auto end = resolution ? JsonDocument::parse(resolution->text) : Result<JsonDocument>(fail({}, {}));
    return end ? end->root()["decision"].utf8().toByteArray() : QByteArray("pending");
}

void ApprovalBook::onRecorded(const QString &sessionId, const http::FeedEvent &event)
{
    const bool asked = event.type == "approval.requested";
    if (!asked && event.type != "approval.resolved")
        return;
    const auto document = JsonDocument::parse(event.data);
    const JsonView root = document ? document->root() : JsonView();
    const QString id = (asked ? root["approval"]["id"] : root["approval_id"]).toString();
    if (asked && !m_entries.contains(id)) {
        m_entries.insert(id, {sessionId, root["approval"].raw(), {}});
        m_order.push_back(id);
    } else if (!asked && m_entries.contains(id)) {
        m_entries[id].resolution = root.raw();
    }
    while (m_order.size() > keptEntries) {
        m_entries.remove(m_order.front());
        m_order.pop_front();
    }
}

bool ApprovalBook::isVisible(const QString &sessionId, const http::Token &caller) const
{
    return m_sessions.log(sessionId, caller).has_value();
}

std::vector<ApprovalBook::Entry> ApprovalBook::pending(const QString &sessionId, const http::Token &caller) const
{
    std::vector<std::pair<qint64, Entry>> found;
    for (const HostedSession *hosted : m_sessions.hosted()) {
        const bool wanted = sessionId.isEmpty() || hosted->id() == sessionId.toLower();
        if (!wanted || !hosted->session() || !isVisible(hosted->id(), caller))
            continue;
        for (const Approval &approval : hosted->session()->pendingApprovals())
            found.push_back({approval.requestedAt, {hosted->id(), wire::approvalObject(approval), {}}});
    }
    std::ranges::stable_sort(found, {}, &std::pair<qint64, Entry>::first);
    std::vector<Entry> entries;
    for (auto &[time, entry] : found)
        entries.push_back(std::move(entry));
    return entries;
}

/// What was decided before this process began stands in the log.
void ApprovalBook::readSession(const QString &sessionId, const http::Token &caller)
{
    const auto log = m_sessions.log(sessionId, caller);
    auto reader = log ? (*log)->reader() : Result<LogReader>(fail(Error::Kind::NotFound, {}));
    OutwardEvents outward(sessionId);
    while (reader) {
        const auto logged = reader->next();
        if (!logged)
            return;
        if (const auto event = outward.recorded(*logged))
            onRecorded(sessionId, *event);
    }
}

std::vector<ApprovalBook::Entry> ApprovalBook::all(const QString &sessionId, const http::Token &caller)
{
    if (!sessionId.isEmpty())
        readSession(sessionId.toLower(), caller);
    const std::vector<Entry> waiting = pending(sessionId, caller);
    std::vector<Entry> entries;
    for (const QString &id : m_order) {
        const Entry entry = m_entries.value(id);
        const bool wanted = sessionId.isEmpty() || entry.sessionId == sessionId.toLower();
        if (wanted && entry.resolution && isVisible(entry.sessionId, caller))
            entries.push_back(entry);
    }
    entries.insert(entries.end(), waiting.begin(), waiting.end());
    return entries;
}

std::optional<ApprovalBook::Entry> ApprovalBook::find(const QString &id, const http::Token &caller) const
{
    for (const Entry &entry : pending({}, caller)) {
        const auto document = JsonDocument::parse(entry.approval.text);
        if (document->root()["id"].toString() == id)
            return entry;
    }
    const Entry known = m_entries.value(id); // looking at its session may add to what we know
    if (!known.resolution || !isVisible(known.sessionId, caller))
        return {};
    return known;
}

Judged<ApprovalBook::Entry> ApprovalBook::answer(const QString &id, const engine::ApprovalAnswer &answer,
                                                 const http::Token &caller)
{
    const auto entry = find(id, caller);
    if (!entry)
        return std::unexpected(Problem{ProblemCode::NotFound, u"there is no approval %1"_s.arg(id)});
    if (entry->resolution) {
        const auto end = JsonDocument::parse(entry->resolution->text);
        const QString decision = end->root()["decision"].toString();
        if (decision == u"expired"_s)
            return std::unexpected(Problem{ProblemCode::ApprovalExpired, u"nobody answered in time"_s});
        return std::unexpected(Problem{ProblemCode::AlreadyDecided,
                                       u"it was decided before: %1 by %2, at %3"_s.arg(
                                           decision, end->root()["by"].toString(), end->root()["time"].toString())});
    }
    if (!m_entries.contains(id)) { // asked for by a process before this one
        m_entries.insert(id, *entry);
        m_order.push_back(id);
    }
    if (m_sessions.hosted(entry->sessionId)->isRecovering())
        return std::unexpected(Problem{ProblemCode::Recovering, u"the session's tools are being started again"_s});
    engine::Session *session = m_sessions.hosted(entry->sessionId)->session();
    if (const auto done = session->answer(id, answer); !done)
        return std::unexpected(Problem{ProblemCode::AlreadyDecided, done.error().message});
    return find(id, caller).value_or(*entry);
}

} // namespace nightshift::api
