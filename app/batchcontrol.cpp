#include "batchcontrol.h"
#include "app/hookfiles.h"
#include "app/stdoutwriter.h"
#include "base/jsonreader.h"
#include <QTimer>
#include <array>
#include <csignal>
#include <sys/resource.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

// Without memory the engine neither ends nor fails for minutes; scripts that do their work stay far below.
constexpr rlim_t scriptBytes = rlim_t(3) << 29;
constexpr std::chrono::seconds farewell{20}; // for sessions to end in good order when the service is gone

/// Byte by byte: what follows belongs to others.
QByteArray firstLine()
{
    QByteArray line;
    for (char byte; ::read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n';)
        line += byte;
    return line;
}

QStringList texts(JsonView list)
{
    QStringList texts;
    for (const JsonView item : list.items())
        texts += item.toString();
    return texts;
}

} // namespace

bool BatchControl::isWatched()
{
    return qEnvironmentVariableIsSet("NIGHTSHIFT_BATCH_WATCHED");
}

Result<batch::BatchWatch> BatchControl::begin(const QString &cwd, const QString &stateFolder, batch::BatchOrder &order)
{
    ::unsetenv("NIGHTSHIFT_BATCH_WATCHED"); // our children are not
    if (!order.script.isEmpty()) {
        const rlimit memory{scriptBytes, RLIM_INFINITY}, core{0, 0};
        ::setrlimit(RLIMIT_AS, &memory);
        ::setrlimit(RLIMIT_CORE, &core);
    }
    const auto document = JsonDocument::parse(firstLine());
    if (!document)
        return std::unexpected(document.error());
    const JsonView said = document->root();
    SettingFlags asked{.hookFiles = texts(said["hooks"])};
    if (said["hook_timeout_ms"].exists())
        asked.hookTimeout = std::chrono::milliseconds(said["hook_timeout_ms"].toInteger());
    if (said["hook_failure"].exists())
        asked.hookFailure = said["hook_failure"].toString();
    order.hookTimeout = asked.hookTimeout;
    order.hookFailure = asked.hookFailure.value_or(QString());
    auto hooks = openHookFiles(asked, cwd, stateFolder);
    if (!hooks)
        return std::unexpected(hooks.error());
    return batch::BatchWatch{.tell = [](const RawJson &progress) { tell("progress", progress); },
                             .id = said["id"].toString(),
                             .again = texts(said["again"]),
                             .scriptFolder = said["script_folder"].toString(),
                             .hooks = std::move(*hooks)};
}

void BatchControl::tell(const char *what, const RawJson &value)
{
    writeFully(STDOUT_FILENO, json::onOneLine(json::object({{what, value}})).text + '\n');
}

BatchControl::BatchControl(batch::RunningBatch &batch)
    : m_batch(batch)
    , m_stdin(STDIN_FILENO, QSocketNotifier::Read)
{
    connect(&m_stdin, &QSocketNotifier::activated, this, &BatchControl::onInput);
}

void BatchControl::onInput()
{
    std::array<char, 4096> bytes;
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count <= 0) {
        m_stdin.setEnabled(false);
        m_batch.stop(SIGTERM);
        QTimer::singleShot(farewell, this, [] { ::_exit(75); });
        return;
    }
    m_input.append(bytes.data(), count);
    for (qsizetype end; (end = m_input.indexOf('\n')) >= 0; m_input.remove(0, end + 1))
        take(m_input.first(end));
}

void BatchControl::take(const QByteArray &line)
{
    const auto document = JsonDocument::parse(line);
    if (!document)
        return;
    const JsonView said = document->root();
    batch::BatchChange change{.finish = said["finish"].toBool()};
    if (said["concurrency"].exists())
        change.concurrency = said["concurrency"].toInteger();
    if (said["cost_usd"].exists())
        change.costUsd = said["cost_usd"].toDouble();
    if (said["paused"].exists())
        change.paused = said["paused"].toBool();
    m_batch.change(change);
}

} // namespace nightshift::app
