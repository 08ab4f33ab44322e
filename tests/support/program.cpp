#include "support/program.h"
#include "support/eventschema.h"
#include <QDir>
#include <QDirIterator>
#include <QRegularExpression>
#include <QTest>
#include <csignal>

using namespace Qt::StringLiterals;

namespace nightshift::test {

static constexpr int patience = 30'000; // ms; a loaded machine is slow, a hanging program is what this finds

static bool waitFor(auto condition)
{
    return QTest::qWaitFor(condition, patience);
}

Run::~Run()
{
    if (m_process.state() != QProcess::NotRunning) {
        m_process.disconnect();
        m_process.kill();
        m_process.waitForFinished();
    }
}

Ended Run::wait()
{
    if (!waitFor([this] { return m_process.state() == QProcess::NotRunning; }))
        return {m_out, "still running: " + m_err, -1, 0};
    onOutput();
    const bool killed = m_process.exitStatus() == QProcess::CrashExit;
    const Ended ended{m_out, m_err, killed ? -1 : m_process.exitCode(), killed ? m_process.exitCode() : 0};
    if (const auto afterwards = std::exchange(m_afterwards, {}))
        afterwards(ended);
    return ended;
}

bool Run::shows(const QByteArray &stream, const QByteArray &text)
{
    return waitFor([&] { return stream.contains(text) || m_process.state() == QProcess::NotRunning; }) &&
           stream.contains(text);
}

void Run::killAfterLines(qsizetype lines)
{
    m_linesToLive = lines;
    onOutput();
}

void Run::send(int signal)
{
    if (pid() > 0) // of a process that has ended it is 0, which would mean our own group
        ::kill(pid_t(pid()), signal);
}

void Run::onOutput()
{
    m_out += m_process.readAllStandardOutput();
    m_err += m_process.readAllStandardError();
    if (m_linesToLive >= 0 && m_out.count('\n') >= m_linesToLive && m_process.state() == QProcess::Running)
        send(SIGKILL);
}

Program::Program()
    : binary(qEnvironmentVariable("NIGHTSHIFT_PROGRAM", QStringLiteral(NIGHTSHIFT_PROGRAM)))
    , m_folder(QDir::homePath() + u"/nightshift-XXXXXX"_s)
{
    for (const QString &folder : {work(), home(), state()})
        QDir().mkpath(folder);
    write(u"../state/config.toml"_s, "model = \"gpt-5.5\"\n"
                                     "model_provider = \"mock\"\n"
                                     "[model_providers.mock]\n"
                                     "name = \"mock\"\n"
                                     "base_url = \"" +
                                         server.url().toUtf8() +
                                         "\"\n"
                                         "env_key = \"MOCK_KEY\"\n"
                                         "wire_api = \"responses\"\n");
    environment.insert(u"PATH"_s, u"/usr/local/bin:/usr/bin:/bin"_s);
    environment.insert(u"HOME"_s, home());
    environment.insert(u"CODEX_HOME"_s, state());
    environment.insert(u"MOCK_KEY"_s, u"key-of-the-tests"_s);
    environment.insert(u"SHELL"_s, u"/bin/bash"_s);
    environment.insert(u"LC_ALL"_s, u"C.UTF-8"_s);
    QProcess git;
    git.setProcessEnvironment(environment);
    git.start(u"git"_s, {u"init"_s, u"-q"_s, u"-b"_s, u"main"_s, work()});
    git.waitForFinished();
}

QString Program::write(const QString &name, const QByteArray &content) const
{
    const QString path = work() + u'/' + name;
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("%s cannot be written", qPrintable(path));
    return path;
}

QByteArray Program::read(const QString &name) const
{
    QFile file(work() + u'/' + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("no file");
}

Ended Program::exec(const QStringList &args, const QByteArray &stdinBytes)
{
    return start(args, stdinBytes)->wait();
}

std::unique_ptr<Run> Program::start(const QStringList &args, const QByteArray &stdinBytes)
{
    auto run = launch(QStringList{u"exec"_s} + args, stdinBytes);
    if (!inChild) // else it may have had no disk to record on, or no stdout
        run->m_afterwards = [this, args](const Ended &ended) { checkEvents(args, ended); };
    return run;
}

static QByteArray sessionIn(const QByteArray &out)
{
    for (const QByteArray &line : out.split('\n')) {
        const auto read = JsonDocument::parse(line);
        const JsonView root = read ? read->root() : JsonView();
        for (const JsonView id : {root["thread_id"], root["msg"]["session_id"]}) {
            if (id.isString())
                return id.utf8().toByteArray();
        }
    }
    return {};
}

static void checkLines(const QByteArray &out, const QString &form)
{
    QByteArrayList lines = out.split('\n');
    lines.removeLast(); // what follows the last line end: nothing, or a line that was cut
    for (const QByteArray &line : std::as_const(lines)) {
        if (const QString problem = eventProblem(line, form); !problem.isEmpty())
            QTest::qFail(("a line misses its schema: " + problem.toUtf8() + "\n" + line).constData(), __FILE__,
                         __LINE__);
    }
}

/// A view of the log is what the run printed; of a session that was resumed, its end.
void Program::checkEvents(const QStringList &args, const Ended &ended)
{
    const bool json = args.contains(u"--json"_s) || args.contains(u"--experimental-json"_s);
    const bool protocol = args.contains(u"--json=protocol"_s) || args.contains(u"--legacy-json"_s);
    const bool alone = !args.contains(u"/dev/stdout"_s);
    if ((json || protocol || args.contains(u"--json=deltas"_s)) && alone)
        checkLines(ended.out, protocol ? u"protocol"_s : u"thread"_s);
    const QByteArray session = sessionIn(ended.out);
    const bool whole = ended.exitCode >= 0 && ended.exitCode != 128 + SIGPIPE && ended.out.endsWith('\n');
    if ((!json && !protocol) || session.isEmpty() || args.contains(u"--ephemeral"_s) || !alone || !whole)
        return;
    const Ended shown = run(
        {u"sessions"_s, u"show"_s, QString::fromUtf8(session), u"--format"_s, protocol ? u"protocol"_s : u"json"_s});
    if (shown.exitCode != 0 || !shown.out.endsWith(ended.out))
        QTest::qFail(QByteArray("`sessions show` differs from what the run printed:\n--- run\n" + ended.out +
                                "--- show\n" + shown.out + shown.err)
                         .constData(),
                     __FILE__, __LINE__);
}

Ended Program::run(const QStringList &args)
{
    return launch(args, {})->wait();
}

std::unique_ptr<Run> Program::launch(const QStringList &words, const QByteArray &stdinBytes)
{
    auto run = std::make_unique<Run>();
    QProcess &process = run->m_process;
    for (const auto ready : {&QProcess::readyReadStandardOutput, &QProcess::readyReadStandardError})
        QObject::connect(&process, ready, &process, [each = run.get()] { each->onOutput(); });
    if (inChild)
        process.setChildProcessModifier(inChild);
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(work());
    if (stdinBytes.isEmpty())
        process.setStandardInputFile(QProcess::nullDevice());
    process.start(binary, words);
    if (!stdinBytes.isEmpty()) {
        process.write(stdinBytes);
        process.closeWriteChannel();
    }
    return run;
}

QStringList Program::logs() const
{
    QStringList paths;
    QDirIterator files(state() + u"/sessions"_s, {u"rollout-*"_s}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext())
        paths += files.next();
    paths.sort();
    return paths;
}

std::vector<JsonDocument> Program::log() const
{
    std::vector<JsonDocument> lines;
    const QStringList paths = logs();
    QFile file(paths.value(0));
    if (paths.size() != 1 || !file.open(QIODevice::ReadOnly))
        return lines;
    while (!file.atEnd()) {
        auto line = JsonDocument::parse(file.readLine());
        if (!line || line->root()["ordinal"].toInteger(-1) != qint64(lines.size())) {
            qWarning("line %zu of %s is not whole", lines.size() + 1, qPrintable(paths[0]));
            return {};
        }
        lines.push_back(std::move(*line));
    }
    return lines;
}

QByteArray Program::plain(QByteArray text) const
{
    text.replace(work().toUtf8(), "WORK").replace(home().toUtf8(), "HOME").replace(state().toUtf8(), "STATE");
    text.replace(server.url().toUtf8(), "SERVER");
    static const std::pair<QRegularExpression, QString> varying[] = {
        {QRegularExpression(u"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"_s), u"ID"_s},
        {QRegularExpression(u"[0-9]{4}/[0-9/]{5}/rollout-[-0-9T]*-ID"_s), u"DATE/rollout-ID"_s},
        {QRegularExpression(u"\"duration\":{[^}]*}"_s), u"\"duration\":DURATION"_s},
        {QRegularExpression(u"\"duration_ms\":[0-9]+"_s), u"\"duration_ms\":DURATION"_s},
    };
    QString plain = QString::fromUtf8(text);
    for (const auto &[pattern, placeholder] : varying)
        plain.replace(pattern, placeholder);
    return plain.toUtf8();
}

QByteArrayList kinds(const std::vector<JsonDocument> &lines)
{
    QByteArrayList kinds;
    for (const JsonDocument &line : lines) {
        const JsonView type = line.root()["payload"]["type"];
        kinds += line.root()["type"].utf8().toByteArray() + (type.exists() ? " " + type.utf8().toByteArray() : "");
    }
    return kinds;
}

QByteArrayList processesWith(const QByteArray &marker)
{
    QByteArrayList found;
    for (const QString &entry : QDir(u"/proc"_s).entryList(QDir::Dirs)) {
        QFile file(u"/proc/"_s + entry + u"/cmdline"_s);
        if (!entry[0].isDigit() || !file.open(QIODevice::ReadOnly))
            continue;
        if (const QByteArray line = file.readAll().replace('\0', ' '); line.contains(marker))
            found += entry.toUtf8() + ": " + line;
    }
    return found;
}

} // namespace nightshift::test
