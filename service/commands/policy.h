#pragma once
#include "commands/script.h"
#include "domain/settings.h"

namespace nightshift::commands {

/// What the rules say of a command: that of the strictest rule which concerns any part of it.
struct Verdict
{
    enum class Why {
        Unmatched,     ///< No rule concerns it, or not all of it is allowed; it may run.
        Matched,       ///< `part` begins as the rule says.
        MayMatch,      ///< `part` may begin so: only the shell can tell.
        NotUnderstood, ///< `part` is no script that we can read; the rule is the first that it might break.
    };
    Why why = Why::Unmatched;
    CommandRule rule; ///< Unless Unmatched.
    QString part;     ///< The command within the command.
    QString unclear;  ///< What of it is not understood, in words; for MayMatch and NotUnderstood.
    bool operator==(const Verdict &) const = default;

    /// Prompt where the rule only may concern the command.
    CommandRule::Decision decision() const;
    bool mayRun() const { return decision() == CommandRule::Decision::Allow; }
    /// "`git push` is forbidden by /h/rules/default.rules:3: ask a person", for whoever wanted to run it.
    QString sentence() const;
};

/// Judges commands by the settings' rules. A rule that forbids or wants to be asked also concerns the
/// program by its path, with options in front of its subcommand, and whatever runs in substitutions,
/// subshells, `sh -c`, `env`, `sudo` and their like. What is not understood wholly counts as what such a rule
/// names, unless it can be told that it is not: of a program which nobody knows, the arguments tell. An allow
/// never lifts the sandbox.
class Policy
{
public:
    Policy(std::vector<CommandRule> rules, ParseScript parse)
        : m_rules(std::move(rules))
        , m_parse(std::move(parse))
    {}

    Verdict judge(const QStringList &argv) const;
    Verdict judgeScript(const QString &script) const;

private:
    std::vector<CommandRule> m_rules;
    ParseScript m_parse;
};

} // namespace nightshift::commands
