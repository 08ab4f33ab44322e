#include "tools/shellsnapshot.h"
#include "tools/commandenvironment.h"
#include <QFile>
#include <QFileInfo>
#include <functional>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

/// After so many changes of what it depends on, a session gives up: its commands are too different from each other.
constexpr int mostTakes = 4;
constexpr qsizetype mostBytes = 1 << 20; // of an environment; the kernel takes about twice that

/// Prints what of a shell a new one does not inherit by its environment. Exported functions it does inherit.
constexpr auto stateScript =
    R"sh(printf '%s\n' "$SHELLOPTS" "${BASHOPTS/login_shell:}"; umask; ulimit -a; trap; alias;
declare -F | while read -r _ kind name; do [[ $kind = *x* ]] || echo "$name"; done)sh"_L1;
/// A plain shell tells its state to a login shell, which gives its environment away if its own is the same.
constexpr auto plainScript = R"sh(exec "$0" -lc "$2" "$0" "$(eval "$1")" "$1")sh"_L1;
constexpr auto loginScript = R"sh([ "$(eval "$2")" = "$1" ] && printf 'environment=\0' && exec env -0)sh"_L1;
constexpr auto mark = QByteArrayView("environment=\0", 13);

QString valueOf(QLatin1StringView name, const QStringList &environment)
{
    for (const QString &variable : environment) {
        if (variable.startsWith(name))
            return variable.sliced(name.size());
    }
    return {};
}

QStringList withoutCall(QStringList environment)
{
    environment.removeIf(isOfOneCall);
    return environment;
}

/// The environment that was printed; nothing where something else was, or where it is not only an environment.
std::optional<QStringList> readEnvironment(const QByteArray &output, const QString &cwd)
{
    if (!output.startsWith(mark) || !output.endsWith('\0'))
        return {};
    QStringList environment;
    for (const QByteArray &variable : output.sliced(mark.size()).chopped(1).split('\0')) {
        const QString text = QString::fromUtf8(variable);
        if (text.toUtf8() != variable || text.startsWith("BASH_ENV="_L1)) // the latter's file would be read twice
            return {};
        if (!text.startsWith("_="_L1))
            environment += text;
    }
    const QString folder = QFileInfo(valueOf("PWD="_L1, environment)).canonicalFilePath();
    if (folder != QFileInfo(cwd).canonicalFilePath())
        return {};
    return withoutCall(environment);
}

} // namespace

ShellSnapshot::ShellSnapshot(const Sandbox &sandbox, QObject *parent)
    : QObject(parent)
    , m_sandbox(sandbox)
{}

CommandRun::Options ShellSnapshot::restored(CommandRun::Options options)
{
    const QStringList &argv = options.argv;
    const bool isLogin = argv.size() == 3 && argv[0].endsWith("/bash"_L1) && argv[1] == "-lc"_L1 && !options.tty;
    if (!isLogin || isTaking())
        return options;
    if (std::exchange(m_isFirst, false))
        return options; // it may stay the only one
    Base base{argv[0], withoutCall(options.environment), loginFiles(options.environment)};
    if (m_base != base) {
        take(std::move(base), options);
        return options;
    }
    if (!m_environment)
        return options;
    options.argv[1] = u"-c"_s;
    options.environment.removeIf(std::not_fn(isOfOneCall));
    options.environment += *m_environment;
    return options;
}

void ShellSnapshot::stop()
{
    if (m_run)
        m_run->kill();
}

/// Those of bash, and what Debian's and Fedora's read from there.
std::vector<ShellSnapshot::FileTime> ShellSnapshot::loginFiles(const QStringList &environment)
{
    const QByteArray home = QFile::encodeName(valueOf("HOME="_L1, environment));
    std::vector<FileTime> times;
    for (const QByteArray &file :
         {"/etc/profile"_ba, "/etc/profile.d"_ba, "/etc/bash.bashrc"_ba, "/etc/bashrc"_ba, home + "/.bash_profile",
          home + "/.bash_login", home + "/.profile", home + "/.bashrc"}) {
        struct stat found = {};
        stat(file.constData(), &found);
        times.push_back({found.st_mtim.tv_sec, found.st_mtim.tv_nsec});
    }
    return times;
}

void ShellSnapshot::take(Base base, const CommandRun::Options &options)
{
    m_base.reset();
    m_environment.reset();
    m_output.clear();
    if (m_takes == mostTakes)
        return;
    ++m_takes;
    const QStringList argv{base.shell, u"-c"_s, plainScript, base.shell, stateScript, loginScript};
    m_base = std::move(base);
    m_run = new CommandRun(m_sandbox, {.argv = argv, .cwd = options.cwd, .environment = options.environment}, this);
    connect(m_run, &CommandRun::output, this, [this](const QByteArray &bytes) {
        m_output += bytes;
        if (m_output.size() > mostBytes)
            m_run->kill();
    });
    connect(m_run, &CommandRun::finished, this,
            [this, cwd = options.cwd](const CommandEnd &end) { onFinished(cwd, end); });
}

void ShellSnapshot::onFinished(const QString &cwd, const CommandEnd &end)
{
    if (end.exitCode == 0)
        m_environment = readEnvironment(m_output, cwd);
    else if (!end.exitCode)
        m_base.reset(); // it was stopped, which says nothing about the files
    m_output.clear();
    std::exchange(m_run, nullptr)->deleteLater();
    emit ended();
}

} // namespace nightshift::tools
