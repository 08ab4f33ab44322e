#include "wrappers.h"
#include <algorithm>
#include <span>

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

/// A program that runs the command which its later arguments are.
struct Wrapper
{
    QLatin1StringView name;
    QLatin1StringView valueLetters; ///< Short options that take the next word.
    QLatin1StringView valueNames;   ///< Long ones, each between blanks.
    int operands = 0;               ///< Words between options and command: the duration of timeout.
    bool assignments = false;       ///< NAME=value may stand there, too.
    bool moreArguments = false;     ///< It adds words that come from elsewhere.
};

constexpr Wrapper wrappers[] = {
    {"env"_L1, "uC"_L1, " --unset --chdir "_L1, 0, true},
    {"sudo"_L1, "CDghpRrTtUu"_L1, " --user --group --host --prompt --chdir --chroot --role --type --other-user "_L1, 0,
     true},
    {"doas"_L1, "Cu"_L1, ""_L1, 0, true},
    {"timeout"_L1, "ks"_L1, " --kill-after --signal "_L1, 1},
    {"xargs"_L1, "adEILnPs"_L1, " --arg-file --delimiter --max-args --max-procs --max-chars --replace --max-lines "_L1,
     0, false, true},
    {"nice"_L1, "n"_L1, " --adjustment "_L1},
    {"ionice"_L1, "cn"_L1, " --class --classdata "_L1},
    {"stdbuf"_L1, "ioe"_L1, " --input --output --error "_L1},
    {"chrt"_L1, ""_L1, ""_L1, 1},
    {"taskset"_L1, ""_L1, ""_L1, 1},
    {"nohup"_L1},
    {"setsid"_L1},
    {"time"_L1, "fo"_L1, " --format --output "_L1},
    {"exec"_L1, "a"_L1},
    {"command"_L1},
    {"builtin"_L1},
    {"busybox"_L1},
};

constexpr QLatin1StringView shells[] = {"sh"_L1, "bash"_L1, "dash"_L1, "zsh"_L1, "ksh"_L1, "ash"_L1};

bool isShell(QStringView name)
{
    return std::ranges::any_of(shells, [name](QLatin1StringView shell) { return name == shell; });
}

bool isAssignment(const QString &word)
{
    const qsizetype equals = word.indexOf(u'=');
    return equals > 0 && !word.first(equals).contains(u'/');
}

/// Whether the option's value is the next word rather than its own end.
bool takesNext(const Wrapper &wrapper, const QString &option)
{
    if (option.startsWith("--"_L1))
        return wrapper.valueNames.contains(u' ' + option + u' ');
    return option.size() >= 2 && wrapper.valueLetters.contains(option.back());
}

SimpleCommand from(std::span<const Word> words, bool moreArguments)
{
    SimpleCommand command(words.begin(), words.end());
    if (moreArguments)
        command.push_back({u"…"_s, false});
    return command;
}

Wrapped unwrap(const Wrapper &wrapper, std::span<const Word> words)
{
    std::size_t at = 1;
    for (; at < words.size() && words[at].literal; ++at) {
        const QString &word = words[at].text;
        if (word == "--"_L1) {
            ++at;
            break;
        }
        if (wrapper.name == "env"_L1 && (word.startsWith("-S"_L1) || word.startsWith("--split-string"_L1)))
            return {{}, Word{word, false}}; // a command line in one word, in a language of its own
        if (word.startsWith(u'-') && word.size() > 1)
            at += takesNext(wrapper, word) ? 1 : 0;
        else if (!wrapper.assignments || !isAssignment(word))
            break;
    }
    at += std::size_t(wrapper.operands);
    return {from(at < words.size() ? words.subspan(at) : std::span<const Word>(), wrapper.moreArguments), {}};
}

/// `-c`, alone or with other letters, makes a script of the first operand. Without it a shell reads a file,
/// or, without operands, what nobody can know.
Wrapped unwrapShell(std::span<const Word> words)
{
    bool isScript = false;
    for (const Word &word : words.subspan(1)) {
        const bool option = word.literal && word.text.size() > 1 && (word.text[0] == u'-' || word.text[0] == u'+');
        if (option) {
            isScript = isScript || (word.text[0] == u'-' && word.text[1] != u'-' && word.text.contains(u'c'));
            continue;
        }
        return {{}, isScript ? std::optional(word) : std::nullopt};
    }
    return {{}, Word{u"its standard input"_s, false}};
}

/// The first command that find runs on what it finds.
std::optional<Wrapped> unwrapFind(std::span<const Word> words)
{
    static const QStringList actions{u"-exec"_s, u"-execdir"_s, u"-ok"_s, u"-okdir"_s};
    for (std::size_t at = 1; at + 1 < words.size(); ++at) {
        if (actions.contains(words[at].text))
            return Wrapped{from(words.subspan(at + 1), true), {}};
    }
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

std::optional<Wrapped> wrappedBy(const SimpleCommand &command)
{
    if (command.empty() || !command.front().literal)
        return std::nullopt;
    const QStringView name = baseName(command.front().text);
    if (isShell(name))
        return unwrapShell(command);
    if (name == "find"_L1)
        return unwrapFind(command);
    if (name == "eval"_L1) {
        Word script;
        for (const Word &word : std::span(command).subspan(1)) {
            script.text += word.text + u' ';
            script.literal = script.literal && word.literal;
        }
        return Wrapped{{}, script};
    }
    for (const Wrapper &wrapper : wrappers) {
        if (name == wrapper.name)
            return unwrap(wrapper, command);
    }
    return std::nullopt;
}

} // namespace nightshift::commands
