#include "base/shellwords.h"
#include "commands/wrappers.h"
#include <QRegularExpression>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

/// Settings whose value git runs, or which name a file of more settings.
bool isCommandSetting(const QString &key)
{
    static const QRegularExpression keys(
        u"^(alias\\.|core\\.(pager|editor|sshcommand|fsmonitor|hookspath|askpass|gitproxy|alternaterefscommand)$|"
        u"pager\\."
        "|diff\\.external$|diff\\..*\\.(command|textconv)$|filter\\.|merge\\..*\\.driver$|credential\\.|gpg\\..*"
        "program$"
        "|sequence\\.editor$|(diff|merge)tool\\..*cmd$|browser\\.|man\\..*cmd$|interactive\\.difffilter$|include"
        "|uploadpack\\.|remote\\..*\\.(vcs|uploadpack|receivepack)$|submodule\\..*\\.update$|trailer\\..*|tar\\..*"
        "command$"
        "|sendemail\\.|gui\\.|guitool\\.|web\\.|notes\\..*command$|receive\\.|protocol\\.ext|ssh\\.)"_s,
        QRegularExpression::CaseInsensitiveOption);
    return keys.match(key).hasMatch();
}

/// An alias is a subcommand with arguments, or with `!` a script; other settings are scripts.
void takeSetting(Inside &inside, const QString &key, const Word &value)
{
    if (key.isEmpty()) {
        inside.unknown = u"the setting `%1`"_s.arg(value.text);
        return;
    }
    if (!isCommandSetting(key) || (value.literal && value.text.isEmpty()))
        return;
    const bool isAlias = key.startsWith("alias."_L1, Qt::CaseInsensitive);
    if (!value.literal || key.startsWith("include"_L1, Qt::CaseInsensitive)) {
        inside.unknown = u"the setting `%1`"_s.arg(key);
    } else if (!isAlias || value.text.startsWith(u'!')) {
        inside.scripts.push_back({value.text.sliced(isAlias ? 1 : 0) + u" \"$@\""_s});
    } else {
        SimpleCommand command{{u"git"_s}};
        for (const QString &word : shellSplit(value.text).value_or(QStringList{value.text}))
            command.push_back({word});
        command.push_back({u"…"_s, false});
        inside.commands.push_back(std::move(command));
    }
}

/// KEY=VALUE, where the key must be readable.
void takeSetting(Inside &inside, const Word &word)
{
    static const QRegularExpression start(u"^[\"']?([\\w.*/-]+)(=(.*))?$"_s,
                                          QRegularExpression::DotMatchesEverythingOption);
    const auto parts = start.match(word.text);
    if (!parts.hasMatch() && word.literal && !word.text.contains(u'='))
        return;
    takeSetting(inside, word.literal ? word.text.section(u'=', 0, 0) : parts.captured(1),
                {word.literal ? word.text.section(u'=', 1) : word.text, word.literal});
}

/// What makes a subcommand run its arguments.
struct Running
{
    QLatin1StringView subcommand;
    QLatin1StringView with; ///< Starts of words, between blanks; empty: always.
};

constexpr Running running[] = {
    {"rebase"_L1, "-x --ex"_L1},
    {"bisect"_L1, "run"_L1},
    {"submodule"_L1, "foreach"_L1},
    {"filter-branch"_L1, ""_L1},
    {"difftool"_L1, "-x --ex"_L1},
    {"grep"_L1, "-O --op"_L1},
    {"clone"_L1, "-u --up -c --co ext:"_L1},
    {"fetch"_L1, "--up ext:"_L1},
    {"pull"_L1, "--up ext:"_L1},
    {"push"_L1, "--rec --exec ext:"_L1},
    {"ls-remote"_L1, "--up --exec ext:"_L1},
    {"archive"_L1, "--exec --rem"_L1},
    {"fetch-pack"_L1, "--"_L1},
    {"send-pack"_L1, "--"_L1},
    {"for-each-repo"_L1, ""_L1},
    {"send-email"_L1, ""_L1},
    {"instaweb"_L1, ""_L1},
    {"hook"_L1, ""_L1},
    {"remote"_L1, "ext:"_L1},
    {"remote-ext"_L1, ""_L1},
    {"interpret-trailers"_L1, ""_L1},
    {"mergetool"_L1, ""_L1},
};

bool runs(const Running &entry, std::span<const Word> arguments)
{
    const QStringList starts = QString(entry.with).split(u' ', Qt::SkipEmptyParts);
    return starts.isEmpty() || std::ranges::any_of(arguments, [&starts](const Word &word) {
               return std::ranges::any_of(starts,
                                          [&word](const QString &start) { return word.text.startsWith(start); });
           });
}

} // namespace

Inside insideOfGit(const SimpleCommand &command)
{
    static const QStringList withValue{u"-C"_s,          u"--git-dir"_s,      u"--work-tree"_s,  u"--namespace"_s,
                                       u"--exec-path"_s, u"--super-prefix"_s, u"--attr-source"_s};
    Inside inside;
    std::size_t at = 1;
    for (; at < command.size() && command[at].text.startsWith(u'-'); ++at) {
        const QString &option = command[at].text;
        if (option == "-c"_L1 && at + 1 < command.size())
            takeSetting(inside, command[++at]);
        else if (option.startsWith("--config-env"_L1))
            inside.unknown = u"`%1`"_s.arg(option);
        else if (withValue.contains(option))
            ++at;
    }
    if (at >= command.size())
        return inside;
    const std::span arguments = std::span(command).subspan(at + 1);
    const QString &subcommand = command[at].text;
    for (std::size_t i = 0; subcommand == "config"_L1 && i < arguments.size(); ++i) {
        if (isCommandSetting(arguments[i].text) && i + 1 < arguments.size())
            takeSetting(inside, arguments[i].text, arguments[i + 1]);
    }
    for (const Running &entry : running) {
        if (subcommand == entry.subcommand && runs(entry, arguments))
            inside.rest = Inside::Rest::DoesRun;
    }
    return inside;
}

} // namespace nightshift::commands
