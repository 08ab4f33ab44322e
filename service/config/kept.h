#pragma once
#include "config/sightings.h"
#include <algorithm>

namespace nightshift::config {

/// What was made of files, by what else it was made of: good as long as the files are as they were.
template <typename Key, typename Value>
class Kept
{
public:
    /// Null when there is none, or a file has changed.
    const Value *find(const Key &key) const
    {
        const auto known = std::ranges::find(m_all, key, &Entry::key);
        return known != m_all.end() && known->sightings.hold() ? &known->value : nullptr;
    }

    void put(Key key, Value value, Sightings sightings)
    {
        constexpr size_t most = 64; // more folders and models than are in use at a time
        std::erase_if(m_all, [&key](const Entry &entry) { return entry.key == key; });
        if (m_all.size() >= most)
            m_all.clear();
        m_all.push_back({std::move(key), std::move(value), std::move(sightings)});
    }

private:
    struct Entry
    {
        Key key;
        Value value;
        Sightings sightings;
    };
    std::vector<Entry> m_all;
};

} // namespace nightshift::config
