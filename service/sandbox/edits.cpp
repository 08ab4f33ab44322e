#include "sandbox/edits.h"
#include <charconv>
#include <string_view>
#include <utility>

namespace nightshift::sandbox {

namespace {

bool take(std::string_view &rest, std::string_view expected)
{
    if (!rest.starts_with(expected))
        return false;
    rest.remove_prefix(expected.size());
    return true;
}

bool takeNumber(std::string_view &rest, size_t &number)
{
    if (!take(rest, " "))
        return false;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    rest.remove_prefix(size_t(end - rest.data()));
    return error == std::errc();
}

bool takeBytes(std::string_view &rest, size_t count, std::string &bytes)
{
    if (rest.size() < count)
        return false;
    bytes = rest.substr(0, count);
    rest.remove_prefix(count);
    return true;
}

bool takeKind(std::string_view &rest, Edit::Kind &kind)
{
    using enum Edit::Kind;
    for (const auto &[word, meant] :
         {std::pair{"write", Write}, {"remove", Remove}, {"rmdir", RemoveFolder}, {"link", Link}}) {
        kind = meant;
        if (take(rest, word))
            return true;
    }
    return false;
}

bool takeEdit(std::string_view &rest, Edit &edit)
{
    size_t path = 0, modeOf = 0, content = 0;
    return takeKind(rest, edit.kind) && takeNumber(rest, path) && takeNumber(rest, modeOf) &&
           takeNumber(rest, content) && take(rest, "\n") && takeBytes(rest, path, edit.path) &&
           takeBytes(rest, modeOf, edit.modeOf) && takeBytes(rest, content, edit.content) && edit.path.starts_with('/');
}

} // namespace

bool parseEdits(const std::string &input, std::vector<Edit> &edits)
{
    std::string_view rest = input;
    if (!take(rest, "edits 1\n"))
        return false;
    while (rest != "end\n") {
        if (!takeEdit(rest, edits.emplace_back()))
            return false;
    }
    return true;
}

} // namespace nightshift::sandbox
