#include "canonicaljson.h"
#include <algorithm>

namespace nightshift::batch {

RawJson canonical(JsonView value)
{
    if (value.isArray()) {
        std::vector<RawJson> items;
        for (const JsonView item : value.items())
            items.push_back(canonical(item));
        return json::array(items);
    }
    if (!value.isObject())
        return value.raw();
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, member] : value.members())
        members.emplace_back(name, canonical(member));
    std::ranges::stable_sort(members, {}, &std::pair<QString, RawJson>::first);
    return json::object(members);
}

RawJson canonical(const RawJson &value)
{
    const auto document = JsonDocument::parse(value.text);
    return document ? canonical(document->root()) : json::null();
}

} // namespace nightshift::batch
