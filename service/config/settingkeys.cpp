#include "settingkeys.h"
#include "config/keytables.h"
#include <algorithm>
#include <vector>

using namespace Qt::StringLiterals;

namespace nightshift::config {

std::span<const SettingKey> settingKeys()
{
    static const std::vector<SettingKey> table = [] {
        std::vector<SettingKey> all;
        for (const auto part : {keys::providerKeys(), keys::conversationKeys(), keys::commandKeys(), keys::toolKeys()})
            all.insert(all.end(), part.begin(), part.end());
        return all;
    }();
    return table;
}

void applyValue(const SettingKey &key, const Entry &entry, Draft &draft)
{
    if (key.set)
        key.set(draft, entry);
}

std::optional<std::chrono::milliseconds> parseDuration(QStringView text)
{
    static constexpr std::pair<QLatin1StringView, qint64> units[]{
        {"ms"_L1, 1}, {"s"_L1, 1'000}, {"m"_L1, 60'000}, {"h"_L1, 3'600'000}, {"d"_L1, 86'400'000}};
    if (text.isEmpty())
        return {};
    qint64 total = 0;
    while (!text.isEmpty()) {
        const auto isDigit = [](QChar c) { return c >= u'0' && c <= u'9'; };
        const auto digits = std::find_if_not(text.begin(), text.end(), isDigit) - text.begin();
        const QStringView rest = text.sliced(digits);
        const QStringView name = rest.first(std::find_if(rest.begin(), rest.end(), isDigit) - rest.begin());
        const auto unit = std::ranges::find_if(units, [&](const auto &known) { return known.first == name; });
        if (digits == 0 || digits > 12 || unit == std::end(units))
            return {};
        total += text.first(digits).toLongLong() * unit->second;
        text = rest.sliced(name.size());
    }
    return std::chrono::milliseconds(total);
}

} // namespace nightshift::config
