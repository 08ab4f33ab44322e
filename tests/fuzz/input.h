#pragma once
#include <QByteArray>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace nightshift::fuzz {

inline QByteArrayView bytes(const std::uint8_t *data, std::size_t size)
{
    return {reinterpret_cast<const char *>(data), qsizetype(size)};
}

/// The bytes up to the first NUL, and those behind it: one input, two arguments.
struct TwoTexts
{
    QByteArray first;
    QByteArray second;
};

inline TwoTexts twoTexts(QByteArrayView input)
{
    const qsizetype cut = input.indexOf('\0');
    if (cut < 0)
        return {input.toByteArray(), {}};
    return {input.first(cut).toByteArray(), input.sliced(cut + 1).toByteArray()};
}

/// A promise that no input may break.
inline void mustHold(bool promise, const char *what)
{
    if (promise)
        return;
    std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

} // namespace nightshift::fuzz
