#pragma once
#include <QByteArrayView>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

namespace nightshift::store {

/// Which ids were met already, for a walk over very many rows: a set without an allocation for each of them.
/// It keeps views: the text they point into must live.
class LatestIds
{
public:
    explicit LatestIds(size_t expected)
        : m_slots(std::bit_ceil(2 * expected + 64))
    {}

    /// False when the id was inserted before.
    bool insert(QByteArrayView id)
    {
        if (2 * (m_count + 1) > m_slots.size())
            grow();
        QByteArrayView &slot = slotOf(id);
        if (!slot.isNull())
            return false;
        slot = id;
        ++m_count;
        return true;
    }

private:
    static size_t hash(QByteArrayView id)
    {
        // An id of ours ends in random digits; its beginning is the time, much the same for all.
        quint64 last = 0;
        const qsizetype length = std::min<qsizetype>(id.size(), sizeof last);
        std::memcpy(&last, id.end() - length, size_t(length));
        last *= 0x9E3779B97F4A7C15u; // spreads what differs over all bits: 2^64 divided by the golden ratio
        return size_t(last ^ (last >> 32));
    }

    /// Where the id stands, or the empty place where it would.
    QByteArrayView &slotOf(QByteArrayView id)
    {
        size_t at = hash(id) & (m_slots.size() - 1);
        while (!m_slots[at].isNull() && m_slots[at] != id)
            at = (at + 1) & (m_slots.size() - 1);
        return m_slots[at];
    }

    void grow()
    {
        const std::vector<QByteArrayView> old = std::exchange(m_slots, std::vector<QByteArrayView>(2 * m_slots.size()));
        for (const QByteArrayView id : old) {
            if (!id.isNull())
                slotOf(id) = id;
        }
    }

    std::vector<QByteArrayView> m_slots; ///< A power of two of them, at most half taken.
    size_t m_count = 0;
};

} // namespace nightshift::store
