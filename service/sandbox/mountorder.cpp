#include "sandbox/mountorder.h"
#include "sandbox/places.h"
#include <algorithm>
#include <cstring>
#include <utility>

namespace nightshift::sandbox {

namespace {

/// Whether the policy has the folder writable by itself: in a root, deeper than any protected name around it.
bool isWritable(const Arguments &arguments, const std::string &folder)
{
    size_t writable = 0, guarded = 0;
    for (const char *root : arguments.roots) {
        const size_t length = strlen(root);
        if (folder != root && isInside(folder, root))
            writable = std::max(writable, length);
        for (const char *name : arguments.guardedNames) {
            const std::string path = std::string(length == 1 ? "" : root) + '/' + name;
            if (isInside(folder, path))
                guarded = std::max(guarded, path.size());
        }
    }
    return writable > guarded;
}

} // namespace

std::vector<Mounted> mountOrder(const Arguments &arguments)
{
    using enum Mounted::Kind;
    std::vector<Mounted> order;
    for (const char *root : arguments.roots)
        order.push_back({Root, root});
    const auto isRoot = [&](const std::string &path) {
        return std::ranges::any_of(arguments.roots, [&](const char *root) { return path == root; });
    };
    for (const char *hidden : arguments.hidden) {
        const std::string path = hidden;
        for (size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
            const Mounted pinned{Pinned, path.substr(0, end)};
            if (!isRoot(pinned.path) && isWritable(arguments, pinned.path) && !std::ranges::contains(order, pinned))
                order.push_back(pinned);
        }
    }
    for (const auto *paths : {&arguments.hidden, &arguments.sockets}) {
        for (const char *path : *paths)
            order.push_back({Hidden, path});
    }
    for (const char *path : arguments.shown)
        order.push_back({Shown, path});
    std::ranges::sort(order, {}, [](const Mounted &place) { return std::pair(place.path.size(), place.kind); });
    return order;
}

} // namespace nightshift::sandbox
