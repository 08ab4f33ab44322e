#include "programs.h"
#include <QRegularExpression>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

// Sources: the manual pages of coreutils 9.5, util-linux 2.40, findutils 4.10, sudo 1.9, opendoas 6.8, bash 5.2.
constexpr Wrapper wrappers[] = {
    {"env"_L1,
     {"0iu:C:S:v"_L1, "ignore-environment null unset: chdir: split-string: block-signal:: default-signal:: "
                      "ignore-signal:: list-signal-handling debug argv0: help version"_L1},
     0,
     true},
    {"sudo"_L1,
     {"ABbC:D:Eeg:Hh:iKklNnPp:R:r:SsT:t:U:u:Vv"_L1,
      "askpass auth-type: background bell close-from: chdir: preserve-env:: edit group: set-home help host: login "
      "remove-timestamp reset-timestamp list no-update non-interactive preserve-groups prompt: chroot: role: stdin "
      "shell type: command-timeout: other-user: user: version validate"_L1},
     0,
     true,
     " e l v V K k edit list validate version "_L1,
     true},
    {"doas"_L1, {"C:Lnsu:"_L1, ""_L1}, 0, false, " L C "_L1, true},
    {"timeout"_L1, {"fk:ps:v"_L1, "foreground kill-after: preserve-status signal: verbose help version"_L1}, 1},
    {"xargs"_L1,
     {"0a:E:e::i::I:l::L:n:prs:txP:d:o"_L1,
      "null arg-file: delimiter: eof:: replace:: max-lines:: max-args: interactive no-run-if-empty max-chars: verbose "
      "exit max-procs: process-slot-var: open-tty show-limits help version"_L1}},
    {"nice"_L1, {"0123456789n:"_L1, "adjustment: help version"_L1}},
    {"ionice"_L1, {"c:n:tVh"_L1, "class: classdata: ignore version help"_L1}},
    {"stdbuf"_L1, {"i:o:e:"_L1, "input: output: error: help version"_L1}},
    {"nohup"_L1, {""_L1, "help version"_L1}},
    {"setsid"_L1, {"cfwVh"_L1, "ctty fork wait version help"_L1}},
    {"chrt"_L1,
     {"abdeifomrT:P:D:RvVh"_L1, "all-tasks batch deadline ext fifo idle other rr reset-on-fork sched-runtime: "
                                "sched-period: sched-deadline: verbose max version help"_L1},
     1},
    {"taskset"_L1, {"acVh"_L1, "all-tasks cpu-list version help"_L1}, 1},
    {"time"_L1, {"af:o:pqvV"_L1, "append format: output: portability quiet verbose help version"_L1}},
    {"exec"_L1, {"cla:"_L1, ""_L1}},
    {"command"_L1, {"pvV"_L1, ""_L1}, 0, false, " v V "_L1},
    {"builtin"_L1, {""_L1, ""_L1}},
    {"flock"_L1,
     {"sxeonuw:E:FvVh"_L1, "shared exclusive unlock nonblocking nb nonblock timeout: wait: conflict-exit-code: close "
                           "no-fork verbose help version"_L1},
     1},
    // Words of the shell, where the grammar takes them for programs.
    {"{"_L1, {}},
    {"!"_L1, {}},
    {"if"_L1, {}},
    {"then"_L1, {}},
    {"elif"_L1, {}},
    {"else"_L1, {}},
    {"while"_L1, {}},
    {"until"_L1, {}},
    {"do"_L1, {}},
};

constexpr QLatin1StringView shells = " sh bash dash ash ksh ksh93 mksh zsh rbash rsh posh "_L1;

constexpr QLatin1StringView runners =
    " setarch linux32 linux64 i386 i486 i586 i686 x86_64 uname26 unshare nsenter prlimit script scriptlive strace "
    "ltrace gdb "
    "lldb valgrind rr perf watch su runuser sg newgrp pkexec chroot systemd-run systemd-inhibit systemd-nspawn busybox "
    "toybox parallel sem at batch crontab setpriv capsh fakeroot fakechroot proot unbuffer expect rlwrap rlfe torify "
    "torsocks proxychains proxychains4 firejail bwrap numactl cgexec dbus-run-session xvfb-run dumb-init tini gosu "
    "su-exec chpst s6-setuidgid setuidgid softlimit envdir daemonize start-stop-daemon run-parts entr watchexec "
    "hyperfine tmux screen dtach abduco choom coresched uclampset waitpid exch fish csh tcsh xonsh nu pwsh "
    "complete compgen bind mapfile readarray fc "_L1;

constexpr QLatin1StringView evaluators =
    " let unset declare typeset local export readonly read printf test [ getopts wait set return exit shift "_L1;

/// A program that takes its arguments as data, but with some of them.
struct DataProgram
{
    QLatin1StringView names;         ///< Between blanks.
    QLatin1StringView runsWith = {}; ///< Options and subcommands with which it runs what it is told.
};

constexpr DataProgram dataPrograms[] = {
    {" : true false echo printf test [ cd pwd pushd popd dirs read let unset declare typeset local export readonly set "
     "shopt shift getopts return exit break continue wait jobs fg bg kill disown umask ulimit times type hash enable "
     "caller history logout suspend "_L1},
    {" cat tac nl head tail cut paste join tr wc uniq comm cmp diff diff3 sdiff patch fold fmt column expand rev shuf "
     "tee "
     "seq yes ls dir vdir tree stat file du df ln link readlink realpath basename dirname pathchk mkdir rmdir mktemp "
     "mkfifo cp mv rm unlink shred touch truncate chmod chown chgrp install sync dd base64 base32 basenc od xxd "
     "hexdump "
     "strings md5sum sha1sum sha224sum sha256sum sha512sum b2sum cksum sum gzip gunzip zcat bzip2 bunzip2 xz unxz zstd "
     "lz4 unzip date cal sleep uname hostname whoami id groups who w uptime free nproc arch tty stty printenv ps "
     "pgrep pkill killall pidof top lsof fuser ss ip which whereis whatis apropos locate updatedb getconf locale iconv "
     "dos2unix expr factor numfmt bc jq yq column tput clear reset getent grep egrep fgrep zgrep ag ack pt ripgrep "
     "bat batcat eza exa cloc tokei wc dircolors look ping host dig nslookup "_L1},
    {" rg "_L1, "--pre --hostname-bin"_L1},
    {" sort "_L1, "--compress-program"_L1},
    {" split csplit "_L1, "--filter"_L1},
    {" man "_L1, "-P --pager -H --html --browser"_L1},
    {" curl wget "_L1, "--use-askpass"_L1},
    {" apt apt-get aptitude dnf yum apk pacman zypper snap brew pip pip3 "_L1, "-o --option"_L1},
    {" docker podman nerdctl kubectl "_L1, "run exec create compose debug build buildx"_L1},
    {" npm pnpm yarn "_L1, "exec x dlx explore run run-script node --script-shell --shell --node-options config"_L1},
    {" gh glab hub "_L1, "alias extension codespace"_L1},
    {" pytest ctest "_L1},
    {" cargo "_L1, "run r --config"_L1},
    {" go "_L1, "-exec -toolexec run generate"_L1},
};

bool contains(QLatin1StringView list, QStringView name)
{
    return !name.isEmpty() && !name.contains(u' ') && list.contains(QString(u' ' + name.toString() + u' '));
}

/// `--compress-prog=x` is `--compress-program`; `-zI x` has `-I`.
bool isWritten(const QString &option, const QString &word)
{
    const QString name = word.section(u'=', 0, 0);
    if (name == option)
        return true;
    if (option.startsWith("--"_L1))
        return name.size() > 3 && option.startsWith(name);
    return option.size() == 2 && option[0] == u'-' && word.size() > 2 && word[0] == u'-' && word[1] != u'-' &&
           word.contains(option[1]);
}

/// The letter e of sed, as a command or a flag of s.
bool runsInSed(const QString &word)
{
    static const QRegularExpression e(
        u"(^|[;{}\\n0-9$/,!\\s])e(\\s|$)|s([^\\w\\s]).*\\3.*\\3[gpiImM0-9]*e|^-[a-z]*f|^--fi"_s);
    return e.match(word).hasMatch();
}

bool runsInAwk(const QString &word)
{
    return word.contains("system"_L1) || word.contains(u'|') || word.contains(u'@') || word.startsWith("-f"_L1);
}

} // namespace

const Wrapper *wrapperNamed(QStringView name)
{
    const auto found = std::ranges::find_if(wrappers, [name](const Wrapper &wrapper) { return name == wrapper.name; });
    return found == std::end(wrappers) ? nullptr : found;
}

bool isShell(QStringView name)
{
    return contains(shells, name);
}

bool runsArguments(QStringView name)
{
    return contains(runners, name) || (name.startsWith(u"ld-") && name.contains(u".so")) || name == "ld.so"_L1;
}

bool evaluatesNames(QStringView name)
{
    return contains(evaluators, name);
}

bool takesData(const SimpleCommand &command)
{
    const Word &program = command.front();
    const QString path = program.literal ? program.text : program.ending;
    const QStringView name = QStringView(path).sliced(path.lastIndexOf(u'/') + 1);
    const auto any = [&command](const auto &predicate) {
        return std::ranges::any_of(command.begin() + 1, command.end(),
                                   [&predicate](const Word &word) { return predicate(word.text); });
    };
    if (name == "sed"_L1 || name == "gsed"_L1)
        return !any(runsInSed);
    if (name == "awk"_L1 || name == "gawk"_L1 || name == "mawk"_L1)
        return !any(runsInAwk);
    const auto found =
        std::ranges::find_if(dataPrograms, [name](const DataProgram &data) { return contains(data.names, name); });
    if (found == std::end(dataPrograms))
        return false;
    const QStringList risky = QString(found->runsWith).split(u' ', Qt::SkipEmptyParts);
    return std::ranges::none_of(risky, [&any](const QString &option) {
        return any([&option](const QString &word) { return isWritten(option, word); });
    });
}

bool isCommandVariable(QStringView name)
{
    static constexpr QLatin1StringView names =
        " SHELL PROMPT_COMMAND PAGER EDITOR VISUAL BROWSER LESSOPEN LESSCLOSE GIT_SSH GIT_ASKPASS SSH_ASKPASS "
        "SUDO_ASKPASS "
        "GIT_EXTERNAL_DIFF GIT_CONFIG_PARAMETERS MAKESHELL GIT_PROXY_COMMAND "_L1;
    return contains(names, name) || name.endsWith("_COMMAND"_L1) || name.endsWith("PAGER"_L1) ||
           name.endsWith("_EDITOR"_L1) || name.startsWith("GIT_CONFIG_VALUE_"_L1);
}

} // namespace nightshift::commands
