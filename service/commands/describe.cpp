#include "describe.h"
#include "base/shellwords.h"
#include "commands/wrappers.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

using Kind = CommandAction::Kind;

/// Whether all operands are missing, so that the command works on what it is piped.
bool hasNoFile(const QStringList &words, qsizetype operands)
{
    for (qsizetype i = 1; i < words.size(); ++i) {
        if (words[i] == "-n"_L1 || words[i] == "-c"_L1)
            ++i;
        else if (!words[i].startsWith(u'-'))
            --operands;
    }
    return operands >= 0;
}

/// Helpers at the end of a pipe, which say nothing about what is read.
bool isFormatting(const QStringList &words)
{
    static const QStringList always{u"wc"_s,  u"tr"_s,     u"cut"_s, u"sort"_s,  u"uniq"_s,
                                    u"tee"_s, u"column"_s, u"yes"_s, u"printf"_s};
    const QString &program = words[0];
    if (always.contains(program))
        return true;
    if (program == "xargs"_L1) // unless it changes files in place
        return !words.contains("-i"_L1) && !words.contains("--replace"_L1) && !words.contains("rm"_L1);
    if (program == "head"_L1 || program == "tail"_L1)
        return hasNoFile(words, 0);
    if (program == "awk"_L1)
        return hasNoFile(words, 1);
    return program == "sed"_L1 && actionOf(words).kind == Kind::Unknown;
}

/// Steps that change nothing of what a row of commands does.
bool isIdle(const QStringList &words, bool first)
{
    return words[0] == "true"_L1 || (first && words[0] == "echo"_L1) ||
           (words[0] == "nl"_L1 && actionOf(words).kind == Kind::Unknown);
}

bool changesFolder(const QStringList &words)
{
    return words[0] == "cd"_L1;
}

QString beneath(const QString &folder, const QString &path)
{
    return folder.isEmpty() || path.startsWith(u'/') ? path : folder + u'/' + path;
}

std::vector<QStringList> literalCommands(const Script &script)
{
    std::vector<QStringList> commands;
    for (const SimpleCommand &command : script.commands) {
        QStringList words;
        for (const Word &word : command)
            words += word.text;
        commands.push_back(words);
    }
    return commands;
}

/// The actions one after the other; a command that repeats the last one counts once.
std::vector<CommandAction> inOrder(const std::vector<QStringList> &commands)
{
    std::vector<CommandAction> actions;
    QString folder;
    for (const QStringList &words : commands) {
        if (changesFolder(words)) {
            folder = beneath(folder, words.value(1));
            continue;
        }
        CommandAction action = actionOf(words);
        if (action.kind == Kind::Read)
            action.path = beneath(folder, *action.path);
        if (actions.empty() || actions.back() != action)
            actions.push_back(std::move(action));
    }
    return actions;
}

std::vector<CommandAction> ofScript(const QString &text, const ParseScript &parse)
{
    const std::vector<CommandAction> unknown{{.command = text}};
    const Script script = parse(text);
    if (!script.plain)
        return unknown;
    std::vector<QStringList> commands = literalCommands(script);
    std::erase_if(commands, isFormatting);
    const bool single = commands.size() <= 1;
    bool first = true;
    std::erase_if(commands,
                  [&](const QStringList &words) { return !single && isIdle(words, std::exchange(first, false)); });
    if (commands.empty())
        return unknown;
    std::vector<CommandAction> actions = inOrder(commands);
    if (std::ranges::contains(actions, Kind::Unknown, &CommandAction::kind))
        return unknown;
    if (actions.size() == 1 && actions[0].kind == Kind::Read && script.pipes && text.contains("sed -n "_L1))
        actions[0].command = text; // whoever looks at some lines means to read those
    return actions;
}

} // namespace

std::vector<CommandAction> actionsOf(const QStringList &argv, const ParseScript &parse)
{
    if (const QString *script = scriptOf(argv))
        return ofScript(*script, parse);
    return {actionOf(argv)};
}

} // namespace nightshift::commands
