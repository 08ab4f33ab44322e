#include "sessionlog.h"

namespace nightshift::api {

// What clients who follow closely are behind by; more is read from the disk again.
constexpr size_t keptEvents = 128;
constexpr qsizetype keptBytes = 64 * 1024;

SessionLog::SessionLog(const QString &id, QString path, store::Decompress decompress, LogReader reader)
    : m_path(std::move(path))
    , m_decompress(std::move(decompress))
    , m_reader(std::move(reader))
    , m_outward(id)
{
    m_view.id = id;
}

Result<std::unique_ptr<SessionLog>> SessionLog::open(const QString &id, const QString &path,
                                                     const store::Decompress &decompress,
                                                     const std::optional<store::Artifacts::Origin> &origin)
{
    auto reader = LogReader::open(path, decompress);
    if (!reader)
        return std::unexpected(reader.error());
    std::unique_ptr<SessionLog> log(new SessionLog(id, path, decompress, std::move(*reader)));
    if (origin) {
        log->m_foreignBytes = origin->logBytes;
        log->m_view.importedFrom = origin->from;
    }
    log->readOn();
    return log;
}

void SessionLog::follow(const LoggedEvent &logged)
{
    if (m_foreignBytes && m_reader.position() > *m_foreignBytes) {
        m_foreignBytes.reset();
        m_view.beginHere();
    }
    m_view.follow(logged);
}

void SessionLog::readOn()
{
    m_isAsked = true;
    if (std::exchange(m_reading, true))
        return; // somebody who was just told of an event looks at the session, or wrote to it
    const qint64 before = lastSeq();
    while (std::exchange(m_isAsked, false)) {
        while (const auto logged = m_reader.nextOfRead()) {
            follow(*logged);
            if (const auto event = m_outward.recorded(*logged)) {
                keep(*event);
                emit recorded(*event);
            }
        }
    }
    if (m_foreignBytes)
        m_view.beginHere(); // nothing was written here so far
    if (m_view.options.provider.isEmpty() && m_reader.meta())
        m_view.options.provider = m_reader.meta()->root()["model_provider"].toString();
    if (m_view.options.cwd.isEmpty() && m_reader.meta() && !m_view.importedFrom)
        m_view.options.cwd = m_reader.meta()->root()["cwd"].toString();
    m_reading = false;
    if (lastSeq() > before)
        emit grew();
}

void SessionLog::onEvent(const Event &event)
{
    if (!isFleeting(event))
        return readOn();
    if (const auto outward = m_outward.fleeting(event))
        emit fleeting(*outward);
}

void SessionLog::keep(const http::FeedEvent &event)
{
    m_newest.push_back(event);
    m_newestBytes += event.data.size();
    while (m_newest.size() > keptEvents || (m_newestBytes > keptBytes && m_newest.size() > 1)) {
        m_newestAfter = *m_newest.front().seq;
        m_newestBytes -= m_newest.front().data.size();
        m_newest.pop_front();
    }
}

std::optional<http::FeedPage> SessionLog::newest(qint64 after, qsizetype atMost) const
{
    if (after < m_newestAfter)
        return {};
    http::FeedPage page{.upTo = lastSeq()};
    const auto first = std::ranges::upper_bound(m_newest, after, {}, [](const auto &event) { return *event.seq; });
    for (auto event = first; event != m_newest.end(); ++event) {
        if (qsizetype(page.events.size()) == atMost) {
            page.upTo = *page.events.back().seq;
            break;
        }
        page.events.push_back(*event);
    }
    page.upTo = std::max(page.upTo, after);
    return page;
}

} // namespace nightshift::api
