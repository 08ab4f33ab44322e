#include "completion.h"
#include "app/options.h"
#include <QStringList>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

using Value = OptionRow::Value;

bool isOffered(const OptionRow &option, Command place)
{
    return option.group != OptionRow::Group::Hidden && isAccepted(option, place);
}

/// What can follow a place: its commands and its options.
QStringList wordsAt(Command place)
{
    QStringList words;
    for (const CommandRow &row : commandTable()) {
        if (row.command != Command::Outer && row.parent == place)
            words += QLatin1StringView(row.name);
    }
    if (place == Command::Completion)
        words += {u"bash"_s, u"zsh"_s, u"fish"_s};
    for (const OptionRow &option : optionTable()) {
        if (!isOffered(option, place))
            continue;
        words += "--"_L1 + QLatin1StringView(option.name);
        if (option.letter)
            words += "-"_L1 + QLatin1Char(option.letter);
    }
    return words;
}

QString joinedChoices(const OptionRow &option)
{
    return QString::fromLatin1(option.choices).remove(','_L1);
}

/// `--color` or `--sandbox|-s`: an option as a case pattern.
QString casePattern(const OptionRow &option)
{
    QString pattern = "--"_L1 + QLatin1StringView(option.name);
    if (option.letter)
        pattern += "|-"_L1 + QLatin1Char(option.letter);
    return pattern;
}

/// What bash and zsh offer at a place that the words before the cursor led to.
QString placeCases()
{
    QString cases;
    for (const CommandRow &row : commandTable()) {
        if (row.command == Command::Help)
            continue;
        cases += "        '%1') offers='%2' ;;\n"_L1.arg(commandPath(row.command), wordsAt(row.command).join(' '_L1));
    }
    return cases;
}

QString valueCases(QLatin1StringView files, QLatin1StringView folders, QLatin1StringView oneOf)
{
    QString cases;
    for (const OptionRow &option : optionTable()) {
        if (option.value == Value::None || option.value == Value::OptionalChoice)
            continue;
        QString answer = u":"_s;
        if (option.value == Value::File)
            answer = files;
        else if (option.value == Value::Directory)
            answer = folders;
        else if (option.value == Value::Choice)
            answer = oneOf.arg(joinedChoices(option));
        cases += "        %1) %2; return ;;\n"_L1.arg(casePattern(option), answer);
    }
    return cases;
}

/// How a word leads from one place to the next: 'exec resume'.
QString pathCases()
{
    QString cases;
    for (const CommandRow &row : commandTable()) {
        if (row.command == Command::Outer || row.command == Command::Help)
            continue;
        const QString parent = commandPath(row.parent);
        const QString prefix = parent.isEmpty() ? QString() : parent + ' '_L1;
        QString pattern = '\'' + prefix + QLatin1StringView(row.name) + '\'';
        if (row.alias)
            pattern += "|'"_L1 + prefix + QLatin1StringView(row.alias) + '\'';
        cases += "            %1) place='%2' ;;\n"_L1.arg(pattern, commandPath(row.command));
    }
    return cases;
}

QString bashScript()
{
    return u"_nightshift() {\n"
           "    local word place='' offers='' current=\"${COMP_WORDS[COMP_CWORD]}\"\n"
           "    COMPREPLY=()\n"
           "    case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n%1    esac\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        case \"${place:+$place }$word\" in\n%2        esac\n"
           "    done\n"
           "    case \"$place\" in\n%3    esac\n"
           "    if [[ $current == -* || -z $place || $place == completion ]]; then\n"
           "        COMPREPLY=($(compgen -W \"$offers\" -- \"$current\"))\n"
           "    else\n"
           "        COMPREPLY=($(compgen -W \"$offers\" -- \"$current\") $(compgen -f -- \"$current\"))\n"
           "    fi\n"
           "}\n"
           "complete -o filenames -F _nightshift nightshift\n"_s.arg(
               valueCases("COMPREPLY=($(compgen -f -- \"$current\"))"_L1,
                          "COMPREPLY=($(compgen -d -- \"$current\"))"_L1,
                          "COMPREPLY=($(compgen -W '%1' -- \"$current\"))"_L1),
               pathCases(), placeCases());
}

QString zshScript()
{
    return u"#compdef nightshift\n"
           "_nightshift() {\n"
           "    local word place='' offers=''\n"
           "    case \"${words[CURRENT-1]}\" in\n%1    esac\n"
           "    for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
           "        case \"${place:+$place }$word\" in\n%2        esac\n"
           "    done\n"
           "    case \"$place\" in\n%3    esac\n"
           "    compadd -- ${=offers}\n"
           "    [[ -n $place && $place != completion ]] && _files\n"
           "}\n"
           "if [[ $funcstack[1] == _nightshift ]]; then _nightshift; else compdef _nightshift nightshift; fi\n"_s.arg(
               valueCases("_files"_L1, "_files -/"_L1, "compadd -- %1"_L1), pathCases(), placeCases());
}

QString fishQuoted(QLatin1StringView text)
{
    return '\'' + QString(text).replace('\''_L1, "\\'"_L1) + '\'';
}

QString fishCondition(Command place)
{
    const CommandRow &row = commandRow(place);
    if (place == Command::Outer)
        return u"__fish_use_subcommand"_s;
    QString condition = "__fish_seen_subcommand_from "_L1 + QLatin1StringView(row.name);
    if (row.alias)
        condition += ' '_L1 + QLatin1StringView(row.alias);
    if (place == Command::Exec)
        condition += "; and not __fish_seen_subcommand_from resume fork review"_L1;
    return condition;
}

QString fishOption(const OptionRow &option, Command place)
{
    QString line = "complete -c nightshift -n '%1' -l %2"_L1.arg(fishCondition(place), QLatin1StringView(option.name));
    if (option.letter)
        line += " -s "_L1 + QLatin1Char(option.letter);
    if (option.value == Value::File)
        line += " -r -F"_L1;
    else if (option.value == Value::Directory)
        line += " -x -a '(__fish_complete_directories)'"_L1;
    else if (option.value == Value::Choice)
        line += " -x -a '%1'"_L1.arg(joinedChoices(option));
    else if (option.value != Value::None && option.value != Value::OptionalChoice)
        line += " -x"_L1;
    return line + " -d "_L1 + fishQuoted(QLatin1StringView(option.help)) + '\n'_L1;
}

QString fishScript()
{
    QString script = u"complete -c nightshift -n __fish_use_subcommand -f\n"_s;
    for (const CommandRow &row : commandTable()) {
        if (row.command == Command::Help && row.parent == Command::Exec)
            continue;
        if (row.command != Command::Outer)
            script += "complete -c nightshift -n '%1' -a %2 -d %3\n"_L1.arg(
                fishCondition(row.parent), QLatin1StringView(row.name), fishQuoted(QLatin1StringView(row.help)));
        if (row.command == Command::Completion)
            script += "complete -c nightshift -n '%1' -f -a 'bash zsh fish'\n"_L1.arg(fishCondition(row.command));
        for (const OptionRow &option : optionTable()) {
            if (row.command != Command::Help && isOffered(option, row.command))
                script += fishOption(option, row.command);
        }
    }
    return script;
}

} // namespace

QString completionScript(QStringView shell)
{
    if (shell == u"zsh")
        return zshScript();
    if (shell == u"fish")
        return fishScript();
    return bashScript();
}

} // namespace nightshift::app
