#include "journalunion.h"
#include <algorithm>

namespace nightshift::batch {

void JournalUnion::read(QByteArrayView text)
{
    while (!text.isEmpty()) {
        const qsizetype end = text.indexOf('\n');
        if (end < 0)
            return; // a line without its end was never finished
        if (const auto read = lineFromJson(text.first(end)))
            take(read->line, read->time);
        text = text.sliced(end + 1);
    }
}

void JournalUnion::take(const JournalLine &line, qint64 time)
{
    std::visit(Overloaded{
                   [&](const JournalOpen &open) {
                       if (!m_first || time < m_firstAt) {
                           m_first = open;
                           m_firstAt = time;
                       }
                       if (time >= m_totalAt) {
                           m_total = open.items;
                           m_totalAt = time;
                       }
                   },
                   [&](const JournalStart &start) {
                       KnownItem &known = m_items[start.key];
                       if (known.start && time < known.startedAt)
                           return;
                       known.start = start;
                       known.startedAt = time;
                   },
                   [&](const JournalDone &done) { takeDone(done, time); },
                   [](const JournalClose &) {},
               },
               line);
}

void JournalUnion::takeDone(const JournalDone &done, qint64 time)
{
    KnownItem &known = m_items[done.result.key];
    // Two processes may have worked on one item: a good end is worth more than when it came.
    const bool isSame = known.done && known.done->fingerprint == done.fingerprint;
    const bool isBetter = isSame && known.done->result.ok != done.result.ok ? done.result.ok : time >= known.doneAt;
    if (!known.done || isBetter)
        known.done = done;
    known.doneAt = std::max(known.doneAt, time);
}

const KnownItem *JournalUnion::find(const QString &key) const
{
    const auto found = m_items.constFind(key);
    return found == m_items.cend() ? nullptr : &*found;
}

QStringList JournalUnion::keys() const
{
    std::vector<std::pair<qint64, QString>> order;
    for (const auto &[key, known] : m_items.asKeyValueRange())
        order.emplace_back(known.done ? known.done->result.index : known.start->index, key);
    std::ranges::sort(order);
    QStringList keys;
    for (const auto &[index, key] : order)
        keys += key;
    return keys;
}

} // namespace nightshift::batch
