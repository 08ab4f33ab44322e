#include "base/shellwords.h"
#include "commands/describe.h"
#include <algorithm>
#include <span>

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

using Kind = CommandAction::Kind;

/// A program whose first words that are no options say what it looks at.
struct Program
{
    QLatin1StringView name;
    enum class Does { List, Search, Read, ReadSome } does;
    QLatin1StringView valueOptions = ""_L1; ///< Those that take the next word, each between blanks.
};

using enum Program::Does;

constexpr Program programs[] = {
    {"ls"_L1, List, " -I -w --block-size --format --time-style --color --quoting-style "_L1},
    {"eza"_L1, List, " -I --ignore-glob --color --sort --time-style --time -L --level "_L1},
    {"exa"_L1, List, " -I --ignore-glob --color --sort --time-style --time -L --level "_L1},
    {"tree"_L1, List, " -L -P -I --charset --filelimit --sort "_L1},
    {"du"_L1, List, " -d --max-depth -B --block-size --exclude --time-style "_L1},
    {"rg"_L1, Search,
     " -g --glob --iglob -t --type -T --type-not --type-add -A -B -C --context --after-context "
     "--before-context -m --max-count -M --max-columns -j --threads --max-depth --sort "_L1},
    {"fd"_L1, Search, " -t --type -e --extension -E --exclude --search-path "_L1},
    {"grep"_L1, Search, " -A -B -C --context --after-context --before-context -m --max-count "_L1},
    {"egrep"_L1, Search, " -A -B -C --context --after-context --before-context -m --max-count "_L1},
    {"fgrep"_L1, Search, " -A -B -C --context --after-context --before-context -m --max-count "_L1},
    {"ag"_L1, Search, " -G -g --file-search-regex --ignore-dir --ignore-file --path-to-ignore "_L1},
    {"ack"_L1, Search, " -G -g --ignore-dir "_L1},
    {"pt"_L1, Search, " -G -g --ignore-dir "_L1},
    {"cat"_L1, Read},
    {"bat"_L1, Read, " --theme --language --style --terminal-width --tabs --line-range --map-syntax "_L1},
    {"batcat"_L1, Read, " --theme --language --style --terminal-width --tabs --line-range --map-syntax "_L1},
    {"less"_L1, Read, " -p -P -x -y -z -j --pattern --prompt --tabs --shift --jump-target "_L1},
    {"more"_L1, Read},
    {"nl"_L1, Read, " -s -w -v -i -b "_L1},
    {"head"_L1, ReadSome, " -n -c "_L1},
    {"tail"_L1, ReadSome, " -n -c "_L1},
};

/// The words that are neither options nor their values.
QStringList operandsOf(std::span<const QString> words, QLatin1StringView valueOptions)
{
    QStringList operands;
    bool onlyOperands = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const QString &word = words[i];
        if (onlyOperands || !word.startsWith(u'-') || word == "-"_L1)
            operands += word;
        else if (word == "--"_L1)
            onlyOperands = true;
        else if (valueOptions.contains(u' ' + word + u' '))
            ++i;
    }
    return operands;
}

std::optional<QString> at(const QStringList &words, qsizetype place)
{
    return place < words.size() ? std::optional(words[place]) : std::nullopt;
}

/// The last part of a path that tells something: folders that every project has do not.
QString shortened(const QString &path)
{
    const QString trimmed = path.endsWith(u'/') ? path.chopped(1) : path;
    const QStringList parts = trimmed.split(u'/', Qt::SkipEmptyParts);
    static const QStringList everywhere{u"build"_s, u"dist"_s, u"node_modules"_s, u"src"_s};
    for (qsizetype i = parts.size(); i-- > 0;) {
        if (!everywhere.contains(parts[i]))
            return parts[i];
    }
    return trimmed;
}

std::optional<QString> shortened(const std::optional<QString> &path)
{
    return path ? std::optional(shortened(*path)) : std::nullopt;
}

CommandAction lists(const QStringList &words, const std::optional<QString> &path)
{
    return {.kind = Kind::ListFiles, .command = shellQuoted(words), .path = shortened(path)};
}

CommandAction searches(const QStringList &words, const std::optional<QString> &query,
                       const std::optional<QString> &path)
{
    return {.kind = Kind::Search, .command = shellQuoted(words), .path = shortened(path), .query = query};
}

CommandAction reads(const QStringList &words, const QString &path)
{
    return {.kind = Kind::Read, .command = shellQuoted(words), .name = shortened(path), .path = path};
}

CommandAction unknown(const QStringList &words)
{
    return {.command = shellQuoted(words)};
}

CommandAction searchAction(const Program &program, const QStringList &words, std::span<const QString> arguments)
{
    const QStringList operands = operandsOf(arguments, program.valueOptions);
    if (program.name == "rg"_L1 && words.contains("--files"_L1))
        return lists(words, at(operands, 0));
    if (program.name == "fd"_L1 && operands.isEmpty())
        return lists(words, {});
    return searches(words, at(operands, 0), at(operands, 1));
}

bool isCount(QStringView text)
{
    const QStringView digits = text.startsWith(u'+') ? text.sliced(1) : text;
    return !digits.isEmpty() && std::ranges::all_of(digits, [](QChar c) { return c >= u'0' && c <= u'9'; });
}

/// head and tail: nothing but a number of lines in front of the one file.
CommandAction readSomeAction(const Program &program, const QStringList &words)
{
    const QStringList operands = operandsOf(std::span(words).subspan(1), program.valueOptions);
    bool plain = operands.size() == 1;
    for (qsizetype i = 1; i < words.size(); ++i) {
        if (!words[i].startsWith(u'-') || words[i] == "--"_L1)
            continue;
        plain = plain && words[i].startsWith("-n"_L1);
        const QString count = words[i] == "-n"_L1 ? words.value(++i) : words[i].mid(2);
        plain = plain && isCount(count);
    }
    return plain ? reads(words, operands[0]) : unknown(words);
}

CommandAction findAction(const QStringList &words)
{
    static const QStringList tests{u"-name"_s, u"-iname"_s, u"-path"_s, u"-regex"_s};
    const auto test = std::ranges::find_if(words, [](const QString &word) { return tests.contains(word); });
    const bool hasPath = words.size() > 1 && !words[1].startsWith(u'-') && words[1] != "!"_L1 && words[1] != "("_L1;
    const auto path = hasPath ? std::optional(words[1]) : std::nullopt;
    if (test == words.end() || test + 1 == words.end())
        return lists(words, path);
    return searches(words, *(test + 1), path);
}

bool isLineRange(const QString &text)
{
    const QStringList ends = text.chopped(1).split(u',');
    return text.endsWith(u'p') && ends.size() <= 2 && std::ranges::all_of(ends, isCount) && !text.contains(u'+');
}

CommandAction otherAction(const QStringList &words)
{
    const QString &program = words[0];
    const std::span arguments = std::span(words).subspan(1);
    if (program == "find"_L1)
        return findAction(words);
    if (program == "git"_L1 && words.value(1) == "grep"_L1) {
        const QStringList operands = operandsOf(arguments.subspan(1), " -A -B -C -m -e "_L1);
        return searches(words, at(operands, 0), at(operands, 1));
    }
    if (program == "git"_L1 && words.value(1) == "ls-files"_L1)
        return lists(words, at(operandsOf(arguments.subspan(1), " --exclude --exclude-from "_L1), 0));
    if (program == "sed"_L1 && words.value(1) == "-n"_L1 && words.size() > 3 && isLineRange(words[2]))
        return reads(words, words[3]);
    if (program == "awk"_L1 || program == "gawk"_L1 || program == "mawk"_L1) {
        const QStringList operands = operandsOf(arguments, " -F -v -f "_L1);
        return operands.size() == 2 ? reads(words, operands[1]) : unknown(words);
    }
    const bool looksAround = words.size() == 3 && program.startsWith("python"_L1) && words[1] == "-c"_L1 &&
                             (words[2].contains("os.listdir("_L1) || words[2].contains("os.walk("_L1) ||
                              words[2].contains("os.scandir("_L1) || words[2].contains("glob.glob("_L1));
    return looksAround ? lists(words, {}) : unknown(words);
}

} // namespace

CommandAction actionOf(const QStringList &words)
{
    if (words.isEmpty())
        return {};
    const auto program = std::ranges::find(programs, words[0], &Program::name);
    if (program == std::end(programs))
        return otherAction(words);
    const std::span arguments = std::span(words).subspan(1);
    switch (program->does) {
    case List:
        return lists(words, at(operandsOf(arguments, program->valueOptions), 0));
    case Search:
        return searchAction(*program, words, arguments);
    case ReadSome:
        return readSomeAction(*program, words);
    case Read:
        break;
    }
    const QStringList operands = operandsOf(arguments, program->valueOptions);
    return operands.size() == 1 && operands[0] != "-"_L1 ? reads(words, operands[0]) : unknown(words);
}

} // namespace nightshift::commands
