#pragma once
#include "batch/journalline.h"

namespace nightshift::batch {

/// What all journals together know of one key.
struct KnownItem
{
    std::optional<JournalDone> done;   ///< The newest; of several with one fingerprint one that went well.
    std::optional<JournalStart> start; ///< The newest.
    qint64 doneAt = 0;
    qint64 startedAt = 0;

    /// An attempt was under way when its process ended.
    bool isOpen() const { return start && (!done || startedAt > doneAt); }
    bool operator==(const KnownItem &) const = default;
};

/// The union of journals, in whatever order they are read. Pure.
class JournalUnion
{
public:
    /// A file's content; lines that are torn or not known are passed over.
    void read(QByteArrayView text);
    void take(const JournalLine &line, qint64 time);

    const KnownItem *find(const QString &key) const;
    /// All keys, by index, then by key.
    QStringList keys() const;
    /// What the first process of all said; absent when there was none.
    const std::optional<JournalOpen> &first() const { return m_first; }
    /// Of the whole input, as the newest process saw it; 0 when none knew.
    qint64 total() const { return m_total; }

private:
    void takeDone(const JournalDone &done, qint64 time);

    QHash<QString, KnownItem> m_items;
    std::optional<JournalOpen> m_first;
    qint64 m_firstAt = 0;
    qint64 m_total = 0;
    qint64 m_totalAt = 0;
};

} // namespace nightshift::batch
