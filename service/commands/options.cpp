#include "options.h"
#include <QStringList>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

enum class Takes { None, Required, Attached };

struct Known
{
    QString name;
    Takes value = Takes::None;
};

std::optional<Known> letterIn(const Options &options, QChar letter)
{
    const qsizetype at = letter == u':' ? -1 : options.letters.indexOf(letter);
    if (at < 0)
        return std::nullopt;
    const QLatin1StringView after = options.letters.sliced(at + 1);
    return Known{QString(letter), after.startsWith("::"_L1)  ? Takes::Attached
                                  : after.startsWith(":"_L1) ? Takes::Required
                                                             : Takes::None};
}

/// By its name or the start of it, where no other begins so.
std::optional<Known> nameIn(const Options &options, const QString &written)
{
    std::optional<Known> found;
    for (const QString &entry : QString(options.names).split(u' ', Qt::SkipEmptyParts)) {
        const qsizetype colons = entry.count(u':');
        const Known known{entry.chopped(colons), colons == 2   ? Takes::Attached
                                                 : colons == 1 ? Takes::Required
                                                               : Takes::None};
        if (known.name == written)
            return known;
        if (!known.name.startsWith(written))
            continue;
        if (found)
            return std::nullopt;
        found = known;
    }
    return written.isEmpty() ? std::nullopt : found;
}

} // namespace

const Word *OptionReading::valueOf(QLatin1StringView name) const
{
    const auto option = std::ranges::find(given, name, &GivenOption::name);
    return option != given.end() && option->value ? &*option->value : nullptr;
}

bool OptionReading::has(QLatin1StringView name) const
{
    return std::ranges::contains(given, name, &GivenOption::name);
}

OptionReading readOptions(std::span<const Word> words, const Options &options, std::size_t start)
{
    OptionReading reading{.operands = start};
    const auto takeNext = [&](const Known &known) {
        const bool next = reading.operands + 1 < words.size();
        reading.given.push_back({known.name, next ? std::optional(words[++reading.operands]) : std::nullopt});
    };
    for (; reading.operands < words.size(); ++reading.operands) {
        const Word &word = words[reading.operands];
        if (!word.literal || !word.text.startsWith(u'-') || word.text == "-"_L1)
            return reading;
        if (word.text == "--"_L1) {
            ++reading.operands;
            return reading;
        }
        const bool isLong = word.text.startsWith("--"_L1);
        const qsizetype equals = word.text.indexOf(u'=');
        const auto named =
            isLong ? nameIn(options, word.text.sliced(2, (equals < 0 ? word.text.size() : equals) - 2)) : std::nullopt;
        if (named && equals > 0)
            reading.given.push_back({named->name, Word{word.text.sliced(equals + 1)}});
        else if (named && named->value == Takes::Required)
            takeNext(*named);
        else if (named)
            reading.given.push_back({named->name, {}});
        bool known = named.has_value();
        for (qsizetype i = 1; !isLong && i < word.text.size(); ++i) {
            const auto letter = letterIn(options, word.text[i]);
            known = letter.has_value();
            if (!known)
                break;
            const QString attached = word.text.sliced(i + 1);
            if (letter->value == Takes::Required && attached.isEmpty())
                takeNext(*letter);
            else
                reading.given.push_back({letter->name, letter->value != Takes::None && !attached.isEmpty()
                                                           ? std::optional(Word{attached})
                                                           : std::nullopt});
            if (letter->value != Takes::None)
                break;
        }
        if (!known) {
            reading.unknown = word.text;
            return reading;
        }
    }
    return reading;
}

} // namespace nightshift::commands
