#pragma once
#include "commands/script.h"
#include <span>

namespace nightshift::commands {

/// The options of a program, as getopt would be told: "ab:c::", where one colon means a value and two mean one that can
/// only be attached; names likewise, between blanks. Names may be abbreviated.
struct Options
{
    QLatin1StringView letters;
    QLatin1StringView names;
};

struct GivenOption
{
    QString name; ///< Without dashes; in full.
    std::optional<Word> value;
    bool operator==(const GivenOption &) const = default;
};

/// The options in front of the first operand.
struct OptionReading
{
    std::vector<GivenOption> given;
    std::size_t operands = 0; ///< The place of the first one.
    QString unknown;          ///< An option that is not in the table; reading ended there.
    bool operator==(const OptionReading &) const = default;

    const Word *valueOf(QLatin1StringView name) const;
    bool has(QLatin1StringView name) const;
};

/// Reads from `start`. A word that is not literal counts as an operand.
OptionReading readOptions(std::span<const Word> words, const Options &options, std::size_t start = 1);

} // namespace nightshift::commands
