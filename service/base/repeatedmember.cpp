#include "repeatedmember.h"
#include <QSet>

namespace nightshift {

std::optional<QString> repeatedMember(JsonView value)
{
    std::vector<JsonView> left{value}; // no recursion: a hostile text may be as deep as it is long
    while (!left.empty()) {
        const JsonView next = left.back();
        left.pop_back();
        QSet<QString> names;
        for (const auto &[name, member] : next.members()) {
            if (names.contains(name))
                return name;
            names.insert(name);
            left.push_back(member);
        }
        for (const JsonView item : next.items())
            left.push_back(item);
    }
    return {};
}

} // namespace nightshift
