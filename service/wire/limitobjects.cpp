#include "limitobjects.h"
#include "wire/times.h"

using namespace Qt::StringLiterals;

namespace nightshift::wire {

static QLatin1StringView unitOf(FailureCode limit)
{
    switch (limit) {
    case FailureCode::LimitRequests:
        return "model requests"_L1;
    case FailureCode::LimitCost:
        return "USD"_L1;
    case FailureCode::LimitTime:
    case FailureCode::LimitIdle:
        return "seconds"_L1;
    default:
        return "tokens"_L1;
    }
}

/// Counts are whole, money need not be.
static RawJson amount(double value)
{
    const auto whole = qint64(value);
    return double(whole) == value ? json::number(whole) : json::number(value);
}

RawJson limitObject(const char *type, const LimitUse &use, const std::optional<QString> &message)
{
    return json::object({{"type", type},
                         {"limit", QString(codeName(use.limit))},
                         {"used", amount(use.used)},
                         {"max", amount(use.max)},
                         {"message", message}});
}

RawJson waitObject(const char *type, const WaitStarted &wait)
{
    return json::object({{"type", type},
                         {"for", wait.reason},
                         {"message", wait.message.isEmpty() ? std::nullopt : std::optional(wait.message)},
                         {"retry_at", wait.until ? std::optional(timeText(*wait.until)) : std::nullopt}});
}

RawJson waitObject(const char *type, const WaitEnded &wait)
{
    return json::object({{"type", type}, {"for", wait.reason}, {"waited_ms", qint64(wait.duration.count())}});
}

LimitUse limitFrom(JsonView object)
{
    return {codeFromName(object["limit"].toString()), object["used"].toDouble(), object["max"].toDouble()};
}

WaitStarted waitStartedFrom(JsonView object)
{
    const JsonView until = object["retry_at"];
    return {object["for"].toString(), object["message"].toString(),
            until.isString() ? std::optional(timeFrom(until)) : std::nullopt};
}

WaitEnded waitEndedFrom(JsonView object)
{
    return {object["for"].toString(), std::chrono::milliseconds(object["waited_ms"].toInteger())};
}

QString limitSentence(const LimitUse &use)
{
    return u"%1 of %2 %3 are used"_s.arg(use.used, 0, 'g', 12).arg(use.max, 0, 'g', 12).arg(unitOf(use.limit));
}

} // namespace nightshift::wire
