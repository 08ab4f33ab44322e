#include "cassetteclients.h"
#include <QDir>
#include <QFile>
#include <QObject>

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

QByteArray joined(const std::vector<QByteArray> &pieces)
{
    QByteArray all;
    for (const QByteArray &piece : pieces)
        all += piece;
    return all;
}

QString cassettePath(const QString &folder)
{
    return folder + "/cassette.jsonl"_L1;
}

/// Writes its line when it ends, or when whoever asked leaves, which is how streams end that say so themselves.
class Recording final : public HttpExchange
{
public:
    Recording(QString path, QByteArrayList secrets, QByteArray request, HttpHandlers handlers)
        : m_path(std::move(path))
        , m_secrets(std::move(secrets))
        , m_handlers(std::move(handlers))
    {
        m_recorded.request = std::move(request);
        m_recorded.status = 0;
    }
    ~Recording() override
    {
        QFile file(m_path);
        if (m_recorded.status != 0 && file.open(QIODevice::Append, QFile::ReadOwner | QFile::WriteOwner))
            file.write(cassetteLine(m_recorded, m_secrets)); // one write: other processes record, too
    }

    HttpHandlers handlers()
    {
        HttpHandlers passing = m_handlers;
        passing.head = [this](int status, const HttpHeaders &headers) {
            m_recorded.status = status;
            m_handlers.head(status, headers);
        };
        passing.body = [this](const QByteArray &bytes) {
            m_recorded.body += bytes;
            m_handlers.body(bytes);
        };
        passing.end = [this](const Result<> &outcome) {
            m_recorded.isWhole = outcome.has_value();
            m_handlers.end(outcome);
        };
        return passing;
    }
    void own(std::unique_ptr<HttpExchange> exchange) { m_exchange = std::move(exchange); }

private:
    const QString m_path;
    const QByteArrayList m_secrets;
    const HttpHandlers m_handlers;
    RecordedExchange m_recorded;
    std::unique_ptr<HttpExchange> m_exchange;
};

/// Delivers an answer from the event loop, as a network would.
class Played final : public QObject, public HttpExchange
{
public:
    Played(const RecordedExchange &exchange, HttpHandlers handlers)
        : m_handlers(std::move(handlers))
    {
        later([this, status = exchange.status] { m_handlers.head(status, {{"content-type", "text/event-stream"}}); });
        if (!exchange.body.isEmpty())
            later([this, body = exchange.body] { m_handlers.body(body); });
        later([this, whole = exchange.isWhole] {
            m_handlers.end(whole ? Result<>() : fail(Error::Kind::Network, u"the connection was cut"_s));
        });
    }

private:
    void later(std::function<void()> step) { QMetaObject::invokeMethod(this, std::move(step), Qt::QueuedConnection); }
    HttpHandlers m_handlers;
};

/// Passes on the first bytes of an answer, then breaks off.
class Cut final : public QObject, public HttpExchange
{
public:
    Cut(HttpClient &client, HttpRequest request, HttpHandlers handlers, qint64 bytes)
        : m_handlers(std::move(handlers))
        , m_left(bytes)
    {
        HttpHandlers passing = m_handlers;
        passing.body = [this](const QByteArray &piece) { onBody(piece); };
        m_exchange = client.send(std::move(request), std::move(passing));
    }

private:
    void onBody(const QByteArray &piece)
    {
        if (m_left < 0)
            return;
        const QByteArray passed = piece.first(std::min<qint64>(piece.size(), m_left));
        m_left = passed.size() < piece.size() ? -1 : m_left - passed.size();
        if (m_left < 0)
            QMetaObject::invokeMethod(
                this,
                [this] {
                    m_exchange.reset();
                    m_handlers.end(fail(Error::Kind::Network, u"the connection was cut, as was asked for"_s));
                },
                Qt::QueuedConnection);
        m_handlers.body(passed);
    }

    HttpHandlers m_handlers;
    qint64 m_left;
    std::unique_ptr<HttpExchange> m_exchange;
};

class FaultyClient final : public HttpClient
{
public:
    FaultyClient(std::unique_ptr<HttpClient> client, std::vector<Fault> faults)
        : m_client(std::move(client))
        , m_faults(std::move(faults))
    {}

    std::unique_ptr<HttpExchange> send(HttpRequest request, HttpHandlers handlers) override
    {
        const auto fault = std::ranges::find(m_faults, ++m_count, &Fault::request);
        if (fault == m_faults.end())
            return m_client->send(std::move(request), std::move(handlers));
        if (fault->stalls)
            return std::make_unique<HttpExchange>();
        if (fault->cutAfterBytes)
            return std::make_unique<Cut>(*m_client, std::move(request), std::move(handlers), *fault->cutAfterBytes);
        return std::make_unique<Played>(
            RecordedExchange{.request = {}, .status = fault->status, .body = "a fault that was asked for"},
            std::move(handlers));
    }

private:
    std::unique_ptr<HttpClient> m_client;
    const std::vector<Fault> m_faults;
    qint64 m_count = 0;
};

} // namespace

RecordingClient::RecordingClient(std::unique_ptr<HttpClient> client, QString path, FolderNames folders,
                                 QByteArrayList secrets)
    : m_client(std::move(client))
    , m_path(std::move(path))
    , m_folders(std::move(folders))
    , m_secrets(std::move(secrets))
{}

Result<std::unique_ptr<HttpClient>> RecordingClient::create(std::unique_ptr<HttpClient> client, const QString &folder,
                                                            FolderNames folders, QByteArrayList secrets)
{
    QFile file(cassettePath(folder));
    if (!QDir().mkpath(folder) || !file.open(QIODevice::Append, QFile::ReadOwner | QFile::WriteOwner))
        return fail(Error::Kind::Denied, u"--record: %1 cannot be written"_s.arg(file.fileName()));
    if (file.size() == 0)
        file.write(cassetteHead());
    return std::unique_ptr<HttpClient>(
        new RecordingClient(std::move(client), file.fileName(), std::move(folders), std::move(secrets)));
}

std::unique_ptr<HttpExchange> RecordingClient::send(HttpRequest request, HttpHandlers handlers)
{
    auto recording = std::make_unique<Recording>(m_path, m_secrets, normalisedRequest(joined(request.body), m_folders),
                                                 std::move(handlers));
    recording->own(m_client->send(std::move(request), recording->handlers()));
    return recording;
}

ReplayingClient::ReplayingClient(std::vector<RecordedExchange> exchanges, FolderNames folders)
    : m_exchanges(std::move(exchanges))
    , m_isPlayed(m_exchanges.size())
    , m_folders(std::move(folders))
{}

Result<std::unique_ptr<HttpClient>> ReplayingClient::create(const QString &folder, FolderNames folders)
{
    QFile file(cassettePath(folder));
    if (!file.open(QIODevice::ReadOnly))
        return fail(Error::Kind::NotFound,
                    u"--replay: %1 cannot be read: %2"_s.arg(file.fileName(), file.errorString()));
    auto exchanges = readCassette(file.readAll());
    if (!exchanges)
        return failAt(file.fileName(), exchanges.error());
    return std::unique_ptr<HttpClient>(new ReplayingClient(std::move(*exchanges), std::move(folders)));
}

/// The nearest is the one that has the longest beginning in common.
QString ReplayingClient::miss(const QByteArray &request) const
{
    size_t nearest = m_exchanges.size();
    qsizetype longest = -1;
    for (size_t i = 0; i < m_exchanges.size(); ++i) {
        const QByteArray &each = m_exchanges[i].request;
        const auto [mine, its] = std::ranges::mismatch(request, each);
        if (const qsizetype same = mine - request.begin(); same > longest && each != request) {
            longest = same;
            nearest = i;
        }
    }
    if (nearest == m_exchanges.size())
        return u"this request was recorded, but not as often as it is asked now"_s;
    return u"this request is not on the cassette; the nearest is request %1, and differs first at %2"_s.arg(
        QString::number(nearest + 1), firstDifference(m_exchanges[nearest].request, request));
}

std::unique_ptr<HttpExchange> ReplayingClient::send(HttpRequest request, HttpHandlers handlers)
{
    const QByteArray wanted = normalisedRequest(joined(request.body), m_folders);
    for (size_t i = 0; i < m_exchanges.size(); ++i) {
        if (m_isPlayed[i] || m_exchanges[i].request != wanted)
            continue;
        m_isPlayed[i] = true;
        return std::make_unique<Played>(m_exchanges[i], std::move(handlers));
    }
    return std::make_unique<Played>(RecordedExchange{.request = {}, .status = 400, .body = miss(wanted).toUtf8()},
                                    std::move(handlers));
}

Result<std::vector<Fault>> parseFaults(const QString &text)
{
    std::vector<Fault> faults;
    for (const QString &word : text.split(u',', Qt::SkipEmptyParts)) {
        const QString what = word.section(u'@', 0, 0), where = word.section(u'@', 1);
        bool hasPlace = false, hasStatus = false, hasBytes = true;
        Fault fault{.request = where.section(u':', 0, 0).toLongLong(&hasPlace)};
        fault.status = what.toInt(&hasStatus);
        fault.stalls = what == "stall"_L1;
        if (what == "cut"_L1)
            fault.cutAfterBytes = where.contains(u':') ? where.section(u':', 1).toLongLong(&hasBytes) : 0;
        const bool isKnown = fault.stalls || fault.cutAfterBytes || (hasStatus && fault.status >= 400);
        if (!hasPlace || fault.request < 1 || !hasBytes || !isKnown)
            return fail(Error::Kind::Usage,
                        u"the fault `%1` is none: expected STATUS@N, cut@N:BYTES or stall@N"_s.arg(word));
        faults.push_back(fault);
    }
    return faults;
}

std::unique_ptr<HttpClient> withFaults(std::unique_ptr<HttpClient> client, std::vector<Fault> faults)
{
    return std::make_unique<FaultyClient>(std::move(client), std::move(faults));
}

} // namespace nightshift::llm
