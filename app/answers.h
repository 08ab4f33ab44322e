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
        return textsOf(m_arguments.given, &Arguments::Given::option, option, &Arguments::Given::value);
    }

    QStringList words(Command place) const
    {
        return textsOf(m_arguments.words, &Arguments::Word::place, place, &Arguments::Word::text);
    }

    std::unexpected<UsageError> refuse(const QString &sentence) const
    {
        return std::unexpected(usageError(sentence, command()));
    }

    /// What they say about settings, and about how far a run may go.
    SettingFlags settings() const;
    Tape tape() const;
    RunLimits limits() const;

private:
    template <typename T, typename Key>
    static QStringList textsOf(const std::vector<T> &all, Key T::*key, Key wanted, QString T::*text)
    {
        QStringList texts;
        for (const T &one : all) {
            if (one.*key == wanted)
                texts += one.*text;
        }
        return texts;
    }

    const Arguments &m_arguments;
};

} // namespace nightshift::app
