#include "values.h"
#include <cmath>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::app {

namespace {

using Value = OptionRow::Value;

std::optional<std::chrono::milliseconds> unitFromText(QStringView unit)
{
    static constexpr std::pair<QLatin1StringView, std::chrono::milliseconds> units[] = {
        {"ms"_L1, 1ms}, {"s"_L1, 1s}, {"m"_L1, 1min}, {"h"_L1, 1h}, {"d"_L1, 24h},
    };
    for (const auto &[name, length] : units) {
        if (unit == name)
            return length;
    }
    return {};
}

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

/// What the value should be; empty when it is that.
QString expectation(const OptionRow &option, const QString &value)
{
    bool ok = true;
    switch (option.value) {
    case Value::Count:
        return value.toLongLong(&ok) > 0 && ok ? QString() : u"expected a whole number above 0"_s;
    case Value::Amount: {
        const double amount = value.toDouble(&ok);
        return ok && std::isfinite(amount) && amount > 0 ? QString() : u"expected a number above 0, such as 2.50"_s;
    }
    case Value::Duration:
        return durationFromText(value) ? QString() : u"expected a time above 0, such as 90s, 10m or 1h30m"_s;
    case Value::Profile: {
        const bool plain = !value.isEmpty() && !value.startsWith('.'_L1) && !value.contains('/'_L1) &&
                           !value.contains('\\'_L1) && !value.contains(QChar(0));
        return plain ? QString() : u"expected a plain name such as `work`"_s;
    }
    default:
        return {};
    }
}

bool isChoice(const OptionRow &option, const QString &value)
{
    for (QLatin1StringView choice : QLatin1StringView(option.choices).tokenize(", "_L1)) {
        if (value == choice)
            return true;
    }
    return false;
}

} // namespace

std::optional<std::chrono::milliseconds> durationFromText(QStringView text)
{
    constexpr qint64 longest = 1'000'000'000'000; // ms, some thirty years: sums of these cannot overflow
    qint64 total = 0;
    for (qsizetype at = 0; at < text.size();) {
        const qsizetype start = at;
        while (at < text.size() && isDigit(text[at]))
            ++at;
        bool ok = false;
        const qint64 number = text.sliced(start, at - start).toLongLong(&ok);
        const qsizetype unitStart = at;
        while (at < text.size() && !isDigit(text[at]))
            ++at;
        const QStringView unit = text.sliced(unitStart, at - unitStart);
        const auto length = unit.isEmpty() && start == 0 ? std::optional(1000ms) : unitFromText(unit);
        if (!ok || !length || number > longest / length->count())
            return {};
        total += number * length->count();
        if (total > longest)
            return {};
    }
    if (total == 0)
        return {};
    return std::chrono::milliseconds(total);
}

std::optional<QString> whyInvalid(const OptionRow &option, const QString &value)
{
    if ((option.value == Value::File || option.value == Value::Directory) && value.isEmpty())
        return "a value is required for '%1' but none was supplied"_L1.arg(shown(option));
    if (option.value == Value::OptionalChoice && value.isEmpty())
        return {};
    if ((option.value == Value::Choice || option.value == Value::OptionalChoice) && !isChoice(option, value))
        return "invalid value '%1' for '%2'\n  [possible values: %3]"_L1.arg(value, shown(option),
                                                                             QLatin1StringView(option.choices));
    if (const QString expected = expectation(option, value); !expected.isEmpty())
        return "invalid value '%1' for '%2': %3"_L1.arg(value, shown(option), expected);
    return {};
}

} // namespace nightshift::app
