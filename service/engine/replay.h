#pragma once
#include "domain/event.h"
#include "engine/olditems.h"
#include "store/linewalk.h"
#include "store/mappedfile.h"
#include "store/record.h"
#include "store/sessionmeta.h"
#include <deque>

namespace nightshift::engine {

/// A session's events again, from its log: each run from its SessionStarted on, in the order they were told.
///
/// A log of the reference tells less; what it leaves out is put in where it can be known, so that listeners see what
/// they would of a run of ours: each run begins, items begin before they end, turns begin and end. Logs of 2025 may
/// hold only the conversation itself.
class Replay
{
public:
    /// `path` as of the plain file. STATE is where its lock lies, and the log that a fork of the reference points to.
    static Result<Replay> open(const QString &stateDir, const QString &path, const store::Decompress &decompress);

    /// Absent at the end. A turn whose process was lost is told to have failed; one that still runs just stops.
    std::optional<Event> next();

private:
    struct Source
    {
        QString stateDir;
        QString path;
        store::Decompress decompress;
    };
    Replay(Source source, std::shared_ptr<store::MappedFile> file, const store::SessionMeta &meta);

    void beginForeign(const store::SessionMeta &meta);
    void take(const store::Record &record);
    void takeItem(QByteArrayView payload);
    void put(Event event);
    void endTurnBefore(const Event &event);
    void finish();

    Source m_source;
    std::shared_ptr<store::MappedFile> m_file;
    store::ForwardLines m_lines;
    QString m_sessionId;
    OldItems m_items;
    std::deque<Event> m_ready;
    bool m_ours = false;      ///< Every run of it is marked.
    bool m_fromItems = false; ///< The conversation's items must tell what no event does.
    bool m_begun = false;     ///< The first run was met.
    bool m_finished = false;
    bool m_turnOpen = false;
    bool m_turnIsGuessed = false; ///< No line said that it began, so none will say that it ended.
    Usage m_usage;
    std::optional<QString> m_lastMessage;
};

} // namespace nightshift::engine
