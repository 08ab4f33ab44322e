#include "commands/options.h"
#include "commands/wrappers.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

/// What the words in front of a shell's first operand say.
struct ShellOptions
{
    std::size_t operands = 1;
    bool script = false;  ///< -c
    bool input = false;   ///< -s
    bool nothing = false; ///< It only checks, or says its version.
    QString unknown;
};

constexpr QLatin1StringView letters = "abefhiklmnprstuvxyBCDEHIPTVZG"_L1;
constexpr QLatin1StringView names =
    " debug debugger dump-po-strings dump-strings login noediting noprofile norc posix pretty-print restricted verbose "
    "wordexp rcs no-rcs emulate "_L1;

bool isOption(const Word &word)
{
    return word.literal && word.text.size() > 1 && (word.text[0] == u'-' || word.text[0] == u'+');
}

/// Each o and O of a cluster takes one of the next words: `-oc pipefail SCRIPT`.
void readCluster(ShellOptions &options, const QString &word)
{
    std::size_t values = 0;
    for (const QChar letter : QStringView(word).sliced(1)) {
        options.script = options.script || letter == u'c';
        options.input = options.input || letter == u's';
        options.nothing = options.nothing || (letter == u'n' && word == "-n"_L1);
        if (letter == u'o' || letter == u'O')
            ++values;
        else if (letter != u'c' && !letters.contains(letter))
            options.unknown = u"the option `%1`"_s.arg(word);
    }
    options.operands += values;
}

/// Bash takes one dash or two.
void readName(ShellOptions &options, const QString &word, const SimpleCommand &command)
{
    const QString name = word.sliced(word.startsWith("--"_L1) ? 2 : 1);
    if (name == "help"_L1 || name == "version"_L1) {
        options.nothing = true;
    } else if (name == "rcfile"_L1 || name == "init-file"_L1) {
        ++options.operands;
        if (options.operands >= command.size() || isFed(command[options.operands]))
            options.unknown = u"what the file of `%1` says"_s.arg(word);
    } else if (!names.contains(QString(u' ' + name + u' '))) {
        options.unknown = u"the option `%1`"_s.arg(word);
    }
}

bool isName(const QString &word)
{
    static const QStringList short_{u"-rcfile"_s, u"-init-file"_s, u"-norc"_s,      u"-noprofile"_s,
                                    u"-login"_s,  u"-posix"_s,     u"-version"_s,   u"-verbose"_s,
                                    u"-help"_s,   u"-noediting"_s, u"-restricted"_s};
    return word.startsWith("--"_L1) || short_.contains(word);
}

ShellOptions readShellOptions(const SimpleCommand &command)
{
    ShellOptions options;
    for (; options.operands < command.size() && options.unknown.isEmpty(); ++options.operands) {
        const Word &word = command[options.operands];
        if (word.text == "-"_L1 || word.text == "--"_L1) {
            ++options.operands;
            break;
        }
        if (!isOption(word))
            break;
        if (isName(word.text))
            readName(options, word.text, command);
        else
            readCluster(options, word.text);
    }
    return options;
}

} // namespace

Inside insideOfShell(const SimpleCommand &command)
{
    const ShellOptions options = readShellOptions(command);
    if (!options.unknown.isEmpty())
        return {.unknown = options.unknown};
    if (options.nothing)
        return {};
    if (options.operands >= command.size() || (options.input && !options.script))
        return {.readsInput = true};
    const Word &first = command[options.operands];
    if (options.script)
        return {.scripts = {first}};
    if (isFed(first))
        return {.unknown = u"the script `%1`"_s.arg(first.text)};
    return {};
}

} // namespace nightshift::commands
