#include "ratehint.h"
#include <QDateTime>
#include <cmath>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

using std::chrono::milliseconds;

/// "6m0s", "1.5s", "20ms": as Go prints durations, which OpenAI's headers hold.
std::optional<milliseconds> goDuration(QByteArrayView text)
{
    double total = 0;
    while (!text.isEmpty()) {
        qsizetype digits = 0;
        while (digits < text.size() && ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.'))
            ++digits;
        qsizetype end = digits;
        while (end < text.size() && text[end] >= 'a' && text[end] <= 'z')
            ++end;
        bool ok = false;
        const double number = text.first(digits).toDouble(&ok);
        const QByteArrayView unit = text.sliced(digits, end - digits);
        const double factor = unit == "ms"  ? 1
                              : unit == "s" ? 1'000
                              : unit == "m" ? 60'000
                              : unit == "h" ? 3'600'000
                                            : 0;
        if (!ok || factor == 0)
            return {};
        total += number * factor;
        text = text.sliced(end);
    }
    return milliseconds(std::llround(std::ceil(total)));
}

/// Seconds, a duration, a moment in RFC 3339 or as HTTP writes dates.
std::optional<milliseconds> waitIn(const QByteArray &value, qint64 now)
{
    bool ok = false;
    if (const double seconds = value.toDouble(&ok); ok)
        return seconds >= 0 ? std::optional(milliseconds(std::llround(seconds * 1000))) : std::nullopt;
    if (const auto duration = goDuration(value))
        return duration;
    QString text = QString::fromLatin1(value);
    QDateTime moment = QDateTime::fromString(text, Qt::ISODateWithMs);
    if (!moment.isValid())
        moment = QDateTime::fromString(text.replace("GMT"_L1, "+0000"_L1), Qt::RFC2822Date); // as HTTP writes it
    if (!moment.isValid())
        return {};
    return milliseconds(std::max<qint64>(0, moment.toMSecsSinceEpoch() - now));
}

QByteArray valueOf(const llm::HttpHeaders &headers, const QByteArray &name)
{
    for (const auto &[each, value] : headers) {
        if (each == name)
            return value;
    }
    return {};
}

} // namespace

RateHint rateHint(const llm::HttpHeaders &headers, qint64 now)
{
    RateHint hint;
    bool ok = false;
    if (const double after = valueOf(headers, "retry-after-ms").toDouble(&ok); ok && after >= 0)
        hint.retryAfter = milliseconds(std::llround(after));
    else if (const QByteArray given = valueOf(headers, "retry-after"); !given.isEmpty())
        hint.retryAfter = waitIn(given, now);

    for (const auto &[name, value] : headers) {
        if (!name.contains("ratelimit") || !name.contains("remaining") || value != "0")
            continue;
        QByteArray pair = name;
        const QByteArray until = valueOf(headers, pair.replace("remaining", "reset"));
        if (const auto wait = until.isEmpty() ? std::nullopt : waitIn(until, now))
            hint.reset = std::max(hint.reset.value_or(milliseconds(0)), *wait);
    }
    return hint;
}

} // namespace nightshift::batch
