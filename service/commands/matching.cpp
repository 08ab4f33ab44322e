#include "matching.h"
#include "commands/wrappers.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

constexpr std::size_t mostOptions = 200; // in front of a subcommand; nobody writes more

bool isProgram(const QStringList &alternatives, const QString &word)
{
    const QStringView name = baseName(word);
    return alternatives.contains(word) || std::ranges::any_of(alternatives, [name](const QString &alternative) {
               return baseName(alternative) == name;
           });
}

bool isOption(const QString &word)
{
    return word.size() > 1 && (word.startsWith(u'-') || word.startsWith(u'+'));
}

bool takesValueOfGit(const QString &option)
{
    static const QStringList options{u"-C"_s,          u"-c"_s,          u"--git-dir"_s,   u"--work-tree"_s,
                                     u"--namespace"_s, u"--exec-path"_s, u"--config-env"_s};
    return options.contains(option);
}

/// A word that may be what the pattern says, though an option stands before it. In quotes it is one word, most likely
/// that option's value.
bool isQuoted(const Word &word)
{
    return word.text.startsWith(u'"') || word.text.startsWith(u'\'');
}

/// The rest of a pattern against the rest of a command, with options between them.
class RestMatch
{
public:
    RestMatch(const CommandRule &rule, const SimpleCommand &command, bool isGit)
        : m_rule(rule)
        , m_command(command)
        , m_isGit(isGit)
    {}
    Match from(std::size_t pattern, std::size_t word, bool skipped);

private:
    const CommandRule &m_rule;
    const SimpleCommand &m_command;
    bool m_isGit;
    std::size_t m_steps = 0;
};

Match RestMatch::from(std::size_t pattern, std::size_t word, bool skipped)
{
    for (; pattern < m_rule.pattern.size(); ++pattern, ++word) {
        if (word >= m_command.size())
            return Match::No;
        if (++m_steps > mostOptions)
            return Match::Maybe;
        const Word &at = m_command[word];
        const QStringList &alternatives = m_rule.pattern[pattern];
        if (!at.literal)
            return restricts(m_rule) && !(skipped && isQuoted(at)) ? Match::Maybe : Match::No;
        if (alternatives.contains(at.text)) {
            skipped = false;
            continue;
        }
        if (!restricts(m_rule) || !isOption(at.text) || std::ranges::any_of(alternatives, isOption))
            return Match::No;
        if (m_isGit)
            return from(pattern, word + (takesValueOfGit(at.text) ? 2 : 1), false);
        if (at.text.startsWith(u'+') || at.text.contains(u'='))
            return from(pattern, word + 1, true) == Match::No ? Match::No : Match::Maybe;
        const bool alone = from(pattern, word + 1, true) != Match::No;
        return alone || from(pattern, word + 2, true) != Match::No ? Match::Maybe : Match::No;
    }
    return Match::Yes;
}

/// The words of a text that is no list of words: what stands between signs.
QStringList namesIn(const QString &text)
{
    QStringList names;
    QString name;
    for (const QChar c : text) {
        if (c.isLetterOrNumber() || QStringView(u"_.+-/:@%~^").contains(c)) {
            name += c;
        } else if (!name.isEmpty()) {
            names += std::exchange(name, {});
        }
    }
    if (!name.isEmpty())
        names += name;
    return names;
}

/// With what may be written to it: `-Igit`, `!git` and `host:git` name git.
bool namesProgram(const QStringList &alternatives, const QString &name)
{
    if (isProgram(alternatives, name) || isProgram(alternatives, name.section(u':', -1)))
        return true;
    const bool cluster = name.size() > 2 && name[0] == u'-' && name[1].isLetter();
    return cluster && isProgram(alternatives, name.sliced(2));
}

} // namespace

bool restricts(const CommandRule &rule)
{
    return rule.decision != CommandRule::Decision::Allow;
}

Match match(const CommandRule &rule, const SimpleCommand &command)
{
    if (command.empty())
        return Match::No;
    const Word &program = command.front();
    const QString name = program.literal ? program.text : program.ending;
    if (name.isEmpty() && !program.literal)
        return restricts(rule) ? Match::Maybe : Match::No;
    const bool same = restricts(rule) ? isProgram(rule.pattern.front(), name)
                                      : program.literal && rule.pattern.front().contains(name);
    return same ? RestMatch(rule, command, baseName(name) == "git"_L1).from(1, 1, false) : Match::No;
}

bool mentions(const CommandRule &rule, const QString &text)
{
    const QStringList names = namesIn(text);
    for (qsizetype at = 0; at < names.size(); ++at) {
        if (!namesProgram(rule.pattern.front(), names[at]))
            continue;
        SimpleCommand command{{rule.pattern.front().front()}};
        for (const QString &name : names.sliced(at + 1, std::min(names.size() - at - 1, qsizetype(mostOptions))))
            command.push_back({name});
        if (match(rule, command) != Match::No)
            return true;
    }
    return false;
}

bool mentionsProgram(const CommandRule &rule, const QString &text)
{
    return std::ranges::any_of(namesIn(text),
                               [&rule](const QString &name) { return namesProgram(rule.pattern.front(), name); });
}

} // namespace nightshift::commands
