#include "wrappers.h"
#include "commands/programs.h"
#include <QRegularExpression>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

using Words = std::span<const Word>;

SimpleCommand from(Words words)
{
    return {words.begin(), words.end()};
}

/// Words that are replaced before the command runs are known to nobody.
SimpleCommand withPlaceholder(Words words, const QString &placeholder)
{
    SimpleCommand command(words.begin(), words.end());
    for (Word &word : command) {
        if (!placeholder.isEmpty() && word.text.contains(placeholder))
            word = {word.text, false};
    }
    return command;
}

/// xargs, whose command ends with words from its input, or has them in place of a mark.
SimpleCommand fedCommand(const OptionReading &options, Words command)
{
    for (const QLatin1StringView name : {"I"_L1, "i"_L1, "replace"_L1}) {
        if (!options.has(name))
            continue;
        const Word *mark = options.valueOf(name);
        return withPlaceholder(command, mark ? mark->text : u"{}"_s);
    }
    SimpleCommand fed = from(command);
    if (!fed.empty())
        fed.push_back({u"…"_s, false});
    return fed;
}

Inside unwrap(const Wrapper &wrapper, Words words)
{
    Inside inside;
    OptionReading options = readOptions(words, wrapper.options);
    while (wrapper.assignments && options.unknown.isEmpty() && options.operands < words.size() &&
           isAssignment(words[options.operands].text)) {
        OptionReading more = readOptions(words, wrapper.options, options.operands + 1);
        more.given.insert(more.given.begin(), options.given.begin(), options.given.end());
        options = more;
    }
    const auto runsNothing = [&wrapper](const GivenOption &option) {
        return wrapper.otherwise.contains(QString(u' ' + option.name + u' '));
    };
    if (std::ranges::any_of(options.given, runsNothing))
        return inside;
    if (!options.unknown.isEmpty()) {
        inside.rest = Inside::Rest::DoesRun;
        return inside;
    }
    if (wrapper.name == "env"_L1 && (options.has("S"_L1) || options.has("split-string"_L1)))
        return {.unknown = u"what `env -S` makes of its argument"_s};
    const std::size_t at = options.operands + std::size_t(wrapper.operands);
    if (at >= words.size())
        return {.readsInput = wrapper.shell};
    const Words command = words.subspan(at);
    if (command.front().literal && command.front().text.startsWith(u'-') && wrapper.operands > 0)
        inside.rest = Inside::Rest::DoesRun; // an option behind the operand: flock FILE -c SCRIPT
    inside.commands.push_back(wrapper.name == "xargs"_L1 ? fedCommand(options, command) : from(command));
    return inside;
}

/// All commands that find runs on what it finds; each ends with `;` or `+`.
Inside insideOfFind(Words words)
{
    static const QStringList actions{u"-exec"_s, u"-execdir"_s, u"-ok"_s, u"-okdir"_s};
    Inside inside;
    for (std::size_t at = 1; at < words.size(); ++at) {
        if (!words[at].literal || !actions.contains(words[at].text))
            continue;
        const std::size_t start = ++at;
        while (at < words.size() && words[at].text != ";"_L1 && words[at].text != "+"_L1)
            ++at;
        if (at > start)
            inside.commands.push_back(withPlaceholder(words.subspan(start, at - start), u"{}"_s));
    }
    return inside;
}

Word joined(Words words)
{
    Word script;
    for (const Word &word : words) {
        script.text += word.text + u' ';
        script.literal = script.literal && word.literal;
    }
    return script;
}

/// `trap 'a; b' EXIT`: the first of several operands is a script.
Inside insideOfTrap(Words words)
{
    const OptionReading options = readOptions(words, {"lpP"_L1, ""_L1});
    const Words operands = options.operands < words.size() ? words.subspan(options.operands) : Words();
    if (!options.given.empty() || operands.size() < 2 || operands.front().text == "-"_L1)
        return {};
    return {.scripts = {operands.front()}};
}

/// The shell may put an alias in the place of any command's name, and the command's words behind it.
Inside insideOfAlias(Words words)
{
    Inside inside;
    for (const Word &word : words.subspan(1)) {
        const qsizetype equals = word.text.indexOf(u'=');
        if (equals > 0)
            inside.scripts.push_back({word.text.sliced(equals + 1) + u" \"$@\""_s, word.literal});
    }
    return inside;
}

/// `coproc NAME { a; }` and `coproc a`; the grammar knows neither.
Inside insideOfCoproc(Words words)
{
    const bool named = words.size() > 2 && words[2].text == "{"_L1;
    return words.size() < 2 ? Inside() : Inside{.commands = {from(words.subspan(named ? 3 : 1))}};
}

bool hasOption(Words words, QChar letter)
{
    return std::ranges::any_of(words.subspan(1), [letter](const Word &word) {
        return !word.literal || (word.text.startsWith(u'-') && word.text.contains(letter));
    });
}

Inside namesIn(Words words)
{
    Inside inside;
    for (const Word &word : words.subspan(1)) {
        if (word.literal && (word.text.contains("$("_L1) || word.text.contains(u'`')))
            inside.names += word.text;
        else if (!word.literal && (word.text.contains("\\$("_L1) || word.text.contains("\\`"_L1)))
            inside.unknown = u"what `%1` runs when it is evaluated"_s.arg(word.text);
    }
    return inside;
}

/// Builtins of the shell that run what they are told.
std::optional<Inside> insideOfBuiltin(QStringView name, Words words)
{
    if (name == "eval"_L1)
        return words.size() < 2 ? Inside() : Inside{.scripts = {joined(words.subspan(1))}};
    if (name == "trap"_L1)
        return insideOfTrap(words);
    if (name == "alias"_L1)
        return insideOfAlias(words);
    if (name == "coproc"_L1)
        return insideOfCoproc(words);
    if (name == "source"_L1 || name == "."_L1)
        return words.size() > 1 && isFed(words[1]) ? Inside{.unknown = u"what `%1` reads"_s.arg(words[1].text)}
                                                   : Inside();
    if (name == "hash"_L1)
        return hasOption(words, u'p') ? Inside{.unknown = u"the program that `hash -p` names anew"_s} : Inside();
    if (name == "enable"_L1)
        return hasOption(words, u'f') ? Inside{.unknown = u"the builtin that `enable -f` loads"_s} : Inside();
    if (name == "for"_L1 || name == "case"_L1 || name == "select"_L1 || name == "function"_L1)
        return Inside{.unknown = u"`%1` in this place"_s.arg(name)};
    if (evaluatesNames(name))
        return namesIn(words);
    return std::nullopt;
}

} // namespace

const QString *scriptOf(const QStringList &argv)
{
    const bool script = argv.size() == 3 && (argv[1] == "-lc"_L1 || argv[1] == "-c"_L1);
    return script && isShell(baseName(argv[0])) ? &argv[2] : nullptr;
}

QStringView baseName(QStringView program)
{
    return program.sliced(program.lastIndexOf(u'/') + 1);
}

QString programOf(const SimpleCommand &command)
{
    if (command.empty())
        return {};
    return command.front().literal ? baseName(command.front().text).toString() : command.front().ending;
}

bool isAssignment(const QString &word)
{
    const qsizetype equals = word.indexOf(u'=');
    return equals > 0 && !word.startsWith(u'-') && !word.first(equals).contains(u'/');
}

bool isFed(const Word &file)
{
    if (file.text.startsWith("/dev/"_L1) || file.text.startsWith("/proc/"_L1))
        return true;
    static const QRegularExpression path(u"^\"?[\\w./${}~-]*/[\\w.-]+\"?$"_s);
    return !file.literal && !path.match(file.text).hasMatch();
}

Inside insideOf(const SimpleCommand &command)
{
    const QString name = programOf(command);
    if (name.isEmpty())
        return {};
    if (isShell(name))
        return insideOfShell(command);
    if (name == "find"_L1)
        return insideOfFind(command);
    if (name == "git"_L1)
        return insideOfGit(command);
    if (const auto builtin = insideOfBuiltin(name, command))
        return *builtin;
    if (const Wrapper *wrapper = wrapperNamed(name))
        return unwrap(*wrapper, command);
    if (takesData(command))
        return {};
    return {.rest = runsArguments(name) ? Inside::Rest::DoesRun : Inside::Rest::MayRun};
}

} // namespace nightshift::commands
