#include "config/settingkeys.h"
#include "configtexts.h"

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

enum class Fit { None, Below, Whole, Above };

/// How a path lies to a pattern: it ends before it (Above), with it, or goes on beyond its end (Below).
/// `agreed` counts the segments that agree.
Fit fit(const QStringList &path, QLatin1StringView pattern, qsizetype &agreed)
{
    for (agreed = 0;; ++agreed) {
        const qsizetype dot = pattern.indexOf('.'_L1);
        const QLatin1StringView segment = dot < 0 ? pattern : pattern.first(dot);
        if (segment == "**"_L1)
            return Fit::Whole;
        if (agreed == path.size())
            return Fit::Above;
        if (segment != "*"_L1 && segment != path[agreed])
            return Fit::None;
        if (dot < 0)
            break;
        pattern = pattern.sliced(dot + 1);
    }
    return ++agreed == path.size() ? Fit::Whole : Fit::Below;
}

bool isChoice(QLatin1StringView choices, QStringView text)
{
    for (const QLatin1StringView choice : choices.tokenize('|'_L1)) {
        if (choice == text)
            return true;
    }
    return false;
}

bool hasType(const SettingKey &key, const Value &value)
{
    const bool natural = value.integer() && *value.integer() >= 0; // no setting of ours is negative
    switch (key.type) {
    case KeyType::Boolean:
        return value.boolean();
    case KeyType::Integer:
    case KeyType::Milliseconds:
        return natural;
    case KeyType::Number:
        return natural || (std::get_if<double>(&value.data) && *std::get_if<double>(&value.data) >= 0);
    case KeyType::String:
    case KeyType::Path:
        return value.string();
    case KeyType::Strings:
    case KeyType::Paths:
        return value.list() && value.strings().size() == qsizetype(value.list()->size());
    case KeyType::Choice:
        return value.string() && isChoice(key.choices, *value.string());
    case KeyType::Duration:
        return natural || (value.string() && parseDuration(*value.string()));
    case KeyType::Any:
        break;
    }
    return true;
}

} // namespace

QString expectation(const SettingKey &key)
{
    switch (key.type) {
    case KeyType::Boolean:
        return u"true or false"_s;
    case KeyType::Integer:
    case KeyType::Milliseconds:
        return u"a whole number from 0 up"_s;
    case KeyType::Number:
        return u"a number"_s;
    case KeyType::String:
    case KeyType::Path:
        return u"a string"_s;
    case KeyType::Strings:
    case KeyType::Paths:
        return u"a list of strings"_s;
    case KeyType::Choice:
        return u"one of "_s + QString(key.choices).replace(u"|"_s, u", "_s);
    case KeyType::Duration:
        return u"a duration such as \"90s\" or \"10m\""_s;
    case KeyType::Any:
        break;
    }
    return u"another value"_s;
}

KeyMatch matchKey(const QStringList &path)
{
    KeyMatch match;
    qsizetype longest = 0;
    const SettingKey *above = nullptr;
    for (const SettingKey &key : settingKeys()) {
        qsizetype agreed = 0;
        const Fit how = fit(path, key.key, agreed);
        if (how == Fit::Whole)
            return {.key = &key};
        if (how == Fit::Below)
            above = &key;
        match.expectsTable = match.expectsTable || how == Fit::Above;
        longest = std::max(longest, agreed);
    }
    for (const QLatin1StringView pattern : ignoredKeys) {
        qsizetype agreed = 0;
        if (const Fit how = fit(path, pattern, agreed); how == Fit::Whole || how == Fit::Above)
            return {.ignored = true};
        longest = std::max(longest, agreed);
    }
    match.key = above;
    match.expectsScalar = above;
    match.unknown = path.first(std::min(longest + 1, path.size()));
    return match;
}

Result<> checkValue(const SettingKey &key, const Entry &entry)
{
    if (hasType(key, entry.value))
        return {};
    const bool choice = key.type == KeyType::Choice && entry.value.string();
    const QString found =
        choice || key.type == KeyType::Duration ? entry.value.toml() : QString(entry.value.typeName());
    return fail(Error::Kind::Invalid,
                u"%1: `%2` is %3, expected %4"_s.arg(entry.origin.text(), entry.key(), found, expectation(key)));
}

} // namespace nightshift::config
