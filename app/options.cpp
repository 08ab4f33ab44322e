#include "options.h"
#include "app/accessoptions.h"
#include "app/batchoptions.h"
#include "app/commandrows.h"
#include "app/runoptions.h"
#include "app/serveoptions.h"
#include "app/settingoptions.h"
#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

using Value = OptionRow::Value;

template <size_t... Sizes>
constexpr auto joined(const OptionRow (&...tables)[Sizes])
{
    std::array<OptionRow, (Sizes + ...)> all{};
    auto end = all.begin();
    ((end = std::ranges::copy(tables, end).out), ...);
    return all;
}

constexpr auto options =
    joined(rows::runOptions, rows::settingOptions, rows::accessOptions, rows::serveOptions, batchOptions);

bool isNamed(const OptionRow &option, QStringView name)
{
    if (name == QLatin1StringView(option.name))
        return true;
    for (QLatin1StringView alias : QLatin1StringView(option.aliases).tokenize(','_L1)) {
        if (name == alias)
            return true;
    }
    return false;
}

} // namespace

std::span<const CommandRow> commandTable()
{
    return rows::commands;
}

std::span<const OptionRow> optionTable()
{
    return options;
}

const CommandRow &commandRow(Command command)
{
    for (const CommandRow &row : rows::commands) {
        if (row.command == command)
            return row;
    }
    Q_UNREACHABLE();
}

const OptionRow &optionRow(Option option)
{
    for (const OptionRow &row : options) {
        if (row.option == option)
            return row;
    }
    Q_UNREACHABLE();
}

const CommandRow *findCommand(Command parent, QStringView name)
{
    for (const CommandRow &row : rows::commands) {
        if (row.command != Command::Outer && row.parent == parent &&
            (name == QLatin1StringView(row.name) || (row.alias && name == QLatin1StringView(row.alias))))
            return &row;
    }
    return nullptr;
}

const OptionRow *findOption(QStringView name, Command place)
{
    const OptionRow *elsewhere = nullptr;
    for (const OptionRow &row : options) {
        if (!isNamed(row, name))
            continue;
        if (isAccepted(row, place))
            return &row;
        elsewhere = elsewhere ? elsewhere : &row;
    }
    return elsewhere;
}

const OptionRow *findOption(QChar letter)
{
    for (const OptionRow &row : options) {
        if (row.letter && letter == QLatin1Char(row.letter))
            return &row;
    }
    return nullptr;
}

bool isAccepted(const OptionRow &option, Command place)
{
    return option.places & in(place);
}

QString shown(const OptionRow &option)
{
    QString text = "--"_L1 + QLatin1StringView(option.name);
    if (option.value == Value::OptionalChoice)
        text += "[=<"_L1 + QLatin1StringView(option.placeholder) + ">]"_L1;
    else if (option.placeholder)
        text += " <"_L1 + QLatin1StringView(option.placeholder) + '>'_L1;
    return text;
}

QString commandPath(Command command)
{
    if (command == Command::Outer)
        return {};
    const CommandRow &row = commandRow(command);
    const QString above = command == Command::Help ? QString() : commandPath(row.parent);
    return above.isEmpty() ? QString(QLatin1StringView(row.name)) : above + ' '_L1 + QLatin1StringView(row.name);
}

} // namespace nightshift::app
