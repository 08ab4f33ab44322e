#include "door.h"
#include <algorithm>
#include <cctype>
#include <cstring>

using namespace Qt::StringLiterals;

namespace nightshift::http {

std::optional<QByteArray> hostName(QByteArrayView field)
{
    qsizetype end = field.startsWith('[') ? field.indexOf(']') + 1 : field.indexOf(':');
    if (field.startsWith('[') && end == 0)
        return {};
    if (end < 0)
        end = field.size();
    const QByteArrayView name = field.first(end), rest = field.sliced(end);
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    const auto isPlain = [](char c) { return isalnum(uchar(c)) || std::strchr("-._[]:%", c); };
    const bool port = rest.isEmpty() || (rest.startsWith(':') && rest.size() > 1 && rest.size() <= 6 &&
                                         std::ranges::all_of(rest.sliced(1), isDigit));
    if (name.isEmpty() || !port || !std::ranges::all_of(name, isPlain))
        return {};
    return name.toByteArray().toLower();
}

std::optional<Problem> Door::refuse(const RequestHead &head) const
{
    if (head.headers.count("host") != 1)
        return Problem{ProblemCode::HostNotAllowed, u"a request names its host exactly once"_s};
    const QByteArray host = head.headers.value("host");
    const auto name = hostName(host);
    const bool known =
        name && (*name == "localhost" || *name == "127.0.0.1" || *name == "[::1]" || hosts.contains(*name));
    if (!known)
        return Problem{ProblemCode::HostNotAllowed,
                       u"%1 is not served; --allow-host would"_s.arg(QLatin1StringView(host))};
    if (head.headers.contains(":authority") && head.headers.value(":authority") != host)
        return Problem{ProblemCode::HostNotAllowed, u"target and Host name different hosts"_s};

    const bool stranger = isWelcomeStranger(head);
    if (head.headers.contains("origin") && !stranger) {
        const QByteArray origin = head.headers.value("origin").toLower();
        if (origin != scheme + "://" + host.toLower())
            return Problem{ProblemCode::OriginNotAllowed,
                           u"pages of %1 are not served; --allow-origin would"_s.arg(QLatin1StringView(origin))};
    }
    if (head.headers.value("sec-fetch-site") == "cross-site" && !stranger)
        return Problem{ProblemCode::OriginNotAllowed, u"the page that asks is of another site"_s};
    return {};
}

bool Door::isWelcomeStranger(const RequestHead &head) const
{
    const QByteArray origin = head.headers.value("origin").toLower();
    return origin != "null" && !origin.isEmpty() && origins.contains(origin);
}

QByteArray contentType(const RequestHead &head)
{
    const QByteArray field = head.headers.value("content-type");
    const qsizetype parameters = field.indexOf(';');
    return (parameters < 0 ? field : field.first(parameters)).trimmed().toLower();
}

namespace {

struct MediaRange
{
    QByteArray type;
    double quality = 1;
};

MediaRange readRange(const QByteArray &text)
{
    const QByteArrayList parts = text.split(';');
    MediaRange range{parts[0].trimmed().toLower()};
    for (const QByteArray &part : parts) {
        if (part.trimmed().startsWith("q="))
            range.quality = part.trimmed().sliced(2).toDouble();
    }
    return range;
}

/// 3 for the very type, 2 for its family, 1 for anything, 0 for another.
int nearness(const QByteArray &range, const QByteArray &type)
{
    if (range == type)
        return 3;
    if (range == "*/*")
        return 1;
    return range.endsWith("/*") && type.startsWith(range.first(range.size() - 1)) ? 2 : 0;
}

double qualityOf(const QByteArray &type, const QByteArrayList &accepted)
{
    int nearest = 0;
    double quality = 0;
    for (const QByteArray &each : accepted) {
        const MediaRange range = readRange(each);
        const int near = nearness(range.type, type);
        if (near > nearest) {
            nearest = near;
            quality = range.quality;
        }
    }
    return quality;
}

} // namespace

std::optional<QByteArray> chooseType(const RequestHead &head, const QByteArrayList &offered)
{
    if (!head.headers.contains("accept") || offered.isEmpty())
        return offered.value(0);
    const QByteArrayList accepted = head.headers.list("accept").split(',');
    const auto best =
        std::ranges::max_element(offered, {}, [&](const auto &type) { return qualityOf(type, accepted); });
    return qualityOf(*best, accepted) > 0 ? std::optional(*best) : std::nullopt;
}

std::optional<Problem> refusePreference(const RequestHead &head)
{
    for (const QByteArray &each : head.headers.list("prefer").split(',')) {
        const QByteArray preference = each.trimmed().toLower();
        bool isNumber = false;
        if (preference.startsWith("wait="))
            preference.sliced(5).toUInt(&isNumber);
        if (!preference.isEmpty() && !isNumber)
            return Problem{ProblemCode::InvalidParameter, u"Prefer: `%1` is not known; expected wait=SECONDS"_s.arg(
                                                              QLatin1StringView(each.trimmed()))};
    }
    return {};
}

std::optional<std::chrono::seconds> preferredWait(const RequestHead &head)
{
    for (const QByteArray &each : head.headers.list("prefer").split(',')) {
        const QByteArray preference = each.trimmed().toLower();
        bool isNumber = false;
        const uint seconds = preference.sliced(std::min<qsizetype>(5, preference.size())).toUInt(&isNumber);
        if (preference.startsWith("wait=") && isNumber)
            return std::chrono::seconds(std::min(seconds, 600U));
    }
    return {};
}

} // namespace nightshift::http
