#pragma once
#include <charconv>
#include <string_view>

namespace nightshift::sandbox {

/// The number that `text` begins with, behind spaces and tabs; 0 when there is none.
template <typename Number = int>
Number toNumber(std::string_view text, int base = 10)
{
    const size_t start = text.find_first_not_of(" \t");
    text.remove_prefix(start == text.npos ? text.size() : start);
    Number value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, base);
    return value;
}

} // namespace nightshift::sandbox
