#pragma once
#include "app/commandline.h"

namespace nightshift::app {

template <typename T>
using Parsed = std::expected<T, UsageError>;

/// Questions to the sorted arguments.
class Answers
{
public:
    explicit Answers(const Arguments &arguments)
        : m_arguments(arguments)
    {}

    Command command() const { return m_arguments.command; }
    bool has(Option option) const { return value(option).has_value(); }

    /// The innermost value: places are left to right, so it is the last.
    std::optional<QString> value(Option option) const
    {
        for (auto given = m_arguments.given.rbegin(); given != m_arguments.given.rend(); ++given) {
            if (given->option == option)
                return given->value;
        }
        return {};
    }

    QStringList values(Option option) const
    {
        QStringList all;
        for (const Arguments::Given &given : m_arguments.given) {
            if (given.option == option)
                all += given.value;
        }
        return all;
    }

    QStringList words(Command place) const
    {
        QStringList all;
        for (const Arguments::Word &word : m_arguments.words) {
            if (word.place == place)
                all += word.text;
        }
        return all;
    }

    std::unexpected<UsageError> refuse(const QString &sentence) const
    {
        return std::unexpected(usageError(sentence, command()));
    }

    /// What they say about settings, and about how far a run may go.
    SettingFlags settings() const;
    RunLimits limits() const;

private:
    const Arguments &m_arguments;
};

} // namespace nightshift::app
