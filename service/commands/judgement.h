#pragma once
#include "commands/policy.h"
#include "commands/wrappers.h"
#include <span>

namespace nightshift::commands {

/// Walks through a command and all that it runs, and keeps what the strictest rule says.
class Judgement
{
public:
    Judgement(const std::vector<CommandRule> &rules, const ParseScript &parse);

    void onCommand(const SimpleCommand &command);
    void onScript(const QString &text);
    Verdict verdict() const;

private:
    /// How far a command is known to run.
    enum class Sure {
        Yes,
        OfRunner, ///< It is an argument of a program that runs some of its arguments.
        No,       ///< It is an argument of a program that nobody knows.
    };

    void onCommand(const SimpleCommand &command, const std::vector<Word> &inputs, Sure sure);
    void onInside(const SimpleCommand &command, const Inside &inside, const std::vector<Word> &inputs, Sure sure);
    void onArguments(const SimpleCommand &command, const std::vector<Word> &inputs, bool runs);
    void onText(const SimpleCommand &command, const QString &text, bool runs);
    void onScript(const QString &text, Sure sure);
    void onPipeline(std::span<const SimpleCommand> commands);
    void onValue(const Value &value, Sure sure);
    void onSetting(const QString &name, const Word &value, Sure sure);
    void onNames(const QString &text, Sure sure);
    void onUnknown(const QString &part, const QString &unclear, Sure sure);
    void note(const Verdict &found);
    bool goesDeeper();

    const std::vector<CommandRule> &m_rules;
    const ParseScript &m_parse;
    bool m_restricts = false;
    Verdict m_strictest;
    bool m_allAllowed = true;
    QStringList m_values; ///< What variables may hold.
    int m_depth = 0;
    int m_steps = 0;
};

} // namespace nightshift::commands
