#include "drillcommand.h"
#include "app/batchcommand.h"
#include "app/exitcodes.h"
#include "app/stdoutwriter.h"
#include "app/terminaltext.h"
#include "base/boundedfile.h"
#include "base/jsonreader.h"
#include "llm/faults.h"
#include <QFile>
#include <QTemporaryDir>
#include <algorithm>
#include <array>
#include <map>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

using RequestCount = std::map<QString, qint64>; ///< By session.

/// Another client whose requests are counted.
class CountedClient final : public llm::HttpClient
{
public:
    CountedClient(std::unique_ptr<llm::HttpClient> client, RequestCount &count)
        : m_client(std::move(client))
        , m_count(count)
    {}

    std::unique_ptr<llm::HttpExchange> send(llm::HttpRequest request, llm::HttpHandlers handlers) override
    {
        const auto session = std::ranges::find(request.headers, "session-id"_ba, &llm::HttpHeaders::value_type::first);
        if (session != request.headers.end())
            ++m_count[QString::fromUtf8(session->second)];
        return m_client->send(std::move(request), std::move(handlers));
    }

private:
    std::unique_ptr<llm::HttpClient> m_client;
    RequestCount &m_count;
};

/// How an item ended.
struct Ending
{
    QString key;
    bool ok = false;
    QString outcome;
    QString reason;
    QString message;
    qsizetype attempts = 0;
    qint64 requests = 0; ///< That were sent, repeats among them.
};

/// Of the rows of results.jsonl; none when there is no such file.
std::vector<Ending> endings(const QString &path, const RequestCount &count)
{
    std::vector<Ending> all;
    const auto text = readBounded(path, fileuse::journal);
    if (!text)
        return all;
    for (const QByteArray &line : text->split('\n')) {
        const auto row = JsonDocument::parse(line);
        if (!row)
            continue;
        const JsonView item = row->root();
        Ending ending{.key = item["key"].toString(),
                      .ok = item["ok"].toBool(),
                      .outcome = item["outcome"].toString(),
                      .reason = item["reason"].toString(),
                      .message = item["message"].toString(),
                      .attempts = item["attempts"].size()};
        for (const JsonView &attempt : item["attempts"].items()) {
            const auto sent = count.find(attempt["session"].toString());
            ending.requests += sent == count.end() ? 0 : sent->second;
        }
        all.push_back(std::move(ending));
    }
    return all;
}

QByteArray table(const std::vector<Ending> &all)
{
    std::vector<QStringList> rows{{u"KEY"_s, u"OUTCOME"_s, u"REASON"_s, u"ATTEMPTS"_s, u"REQUESTS"_s, u"MESSAGE"_s}};
    for (const Ending &each : all)
        rows.push_back({printable(each.key), each.outcome.isEmpty() ? u"not run"_s : each.outcome, each.reason,
                        QString::number(each.attempts), QString::number(each.requests),
                        printable(each.message.section(u'\n', 0, 0))});
    std::array<qsizetype, 6> widths{};
    for (const QStringList &row : rows) {
        for (size_t i = 0; i < widths.size(); ++i)
            widths[i] = std::max(widths[i], row[qsizetype(i)].size());
    }
    const int columns = columnsOf(STDOUT_FILENO);
    QString text;
    for (const QStringList &row : rows) {
        QString line;
        for (size_t i = 0; i < widths.size(); ++i)
            line += row[qsizetype(i)].leftJustified(widths[i]) + u"  "_s;
        text += elided(line.trimmed(), columns) + u'\n';
    }
    return text.toUtf8();
}

QByteArray report(const std::vector<Ending> &all, const QString &faults, int exitCode)
{
    std::vector<RawJson> items;
    for (const Ending &each : all)
        items.push_back(json::object({{"key", each.key},
                                      {"ok", each.ok},
                                      {"outcome", each.outcome},
                                      {"reason", each.reason},
                                      {"message", each.message},
                                      {"attempts", qint64(each.attempts)},
                                      {"requests", each.requests}}));
    return json::object({{"faults", faults}, {"items", json::array(items)}, {"exit_code", exitCode}}).text + '\n';
}

int refuse(const QString &message, int exitCode)
{
    sayLine(u"Error: "_s + message);
    return exitCode;
}

} // namespace

int runDrill(DrillOptions options)
{
    if (const auto faults = llm::parseFaults(options.faults); !faults)
        return refuse(faults.error().message, int(ExitCode::Usage));
    QTemporaryDir folder;
    if (!folder.isValid())
        return refuse(u"a drill needs a temporary folder: "_s + folder.errorString(), int(ExitCode::Failure));
    options.settings.provider = u"demo"_s;
    auto lending = Lending::make(options.settings, {.record = {}, .replay = {}, .faults = options.faults});
    if (!lending)
        return refuse(lending.error().message, lending.error().exitCode);
    RequestCount count;
    (*lending)->rehearse(folder.path(), [&count](std::unique_ptr<llm::HttpClient> client) {
        return std::make_unique<CountedClient>(std::move(client), count);
    });
    options.order.out = folder.filePath(u"out"_s);
    if (options.order.concurrency.isEmpty())
        options.order.concurrency = u"1"_s; // so that requests have the same numbers each time
    // What a script returns is not what a drill is about.
    const int exitCode = carryOut(options.order, **lending, [](const QByteArray &) {});
    const std::vector<Ending> all = endings(options.order.out + u"/results.jsonl"_s, count);
    const int failed =
        writeFully(STDOUT_FILENO, options.order.json ? report(all, options.faults, exitCode) : table(all));
    return failed == 0 ? exitCode : int(ExitCode::OutputGone);
}

} // namespace nightshift::app
