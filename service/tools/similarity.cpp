#include "similarity.h"
#include <algorithm>
#include <map>

namespace nightshift::tools {

/// Bytes by the hash of the piece they stand in.
static std::map<quint32, qint64> pieces(const QByteArray &content)
{
    constexpr qsizetype longest = 64;
    constexpr quint32 buckets = 107'927; // as Git's, or other pieces would count as the same
    std::map<quint32, qint64> bytes;
    const bool isText = !content.contains('\0');
    quint32 one = 0, two = 0;
    qsizetype length = 0;
    const auto end = [&] {
        if (length > 0)
            bytes[(one + two * 0x61) % buckets] += length;
        one = two = 0;
        length = 0;
    };
    for (qsizetype at = 0; at < content.size(); ++at) {
        const char c = content[at];
        if (isText && c == '\r' && at + 1 < content.size() && content[at + 1] == '\n')
            continue;
        const quint32 old = one;
        one = (one << 7) ^ (two >> 25);
        two = (two << 7) ^ (old >> 25);
        one += uchar(c);
        if (++length == longest || c == '\n')
            end();
    }
    end();
    return bytes;
}

int similarity(const QByteArray &before, const QByteArray &after)
{
    if (before == after)
        return 100;
    const std::map<quint32, qint64> old = pieces(before);
    qint64 shared = 0;
    for (const auto &[hash, bytes] : pieces(after)) {
        if (const auto same = old.find(hash); same != old.end())
            shared += std::min(bytes, same->second);
    }
    return int(shared * 100 / std::max(before.size(), after.size()));
}

} // namespace nightshift::tools
