#include "tracecontext.h"
#include <QByteArrayList>
#include <algorithm>

namespace nightshift::http {

static bool isHex(QByteArrayView text, qsizetype size)
{
    return text.size() == size &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

static bool isZero(QByteArrayView text)
{
    return std::ranges::all_of(text, [](char c) { return c == '0'; });
}

QByteArray traceParent(const RequestHead &head)
{
    const QByteArray value = head.headers.value("traceparent");
    const QByteArrayList parts = value.split('-');
    if (parts.size() < 4 || !isHex(parts[0], 2) || parts[0] == "ff" || !isHex(parts[3], 2))
        return {};
    if (parts[0] == "00" && parts.size() > 4) // newer versions may say more
        return {};
    const bool isNamed = isHex(parts[1], 32) && !isZero(parts[1]) && isHex(parts[2], 16) && !isZero(parts[2]);
    return isNamed ? value : QByteArray();
}

} // namespace nightshift::http
