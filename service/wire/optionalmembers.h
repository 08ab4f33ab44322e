#pragma once
#include "base/jsonreader.h"
#include <optional>

namespace nightshift::wire {

// Members that are left out where they would say nothing.

inline std::optional<RawJson> whenTrue(bool value)
{
    return value ? std::optional(json::boolean(true)) : std::nullopt;
}

inline std::optional<QString> unlessEmpty(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

/// JSON of somebody else's as a member of ours; null where there is none.
inline RawJson spliced(const RawJson &value)
{
    return value.text.isEmpty() ? json::null() : compact(value);
}

} // namespace nightshift::wire
