#include "cassetteclients.h"
#include "base/boundedfile.h"
#include "llm/preparedanswer.h"
#include <QDir>
#include <QFile>

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
        if (m_recorded.status == 0)
            return;
        QFile file;
        const auto cassette = openToAppend(m_path);
        if (cassette && file.open(cassette->get(), QIODevice::Append | QIODevice::Unbuffered))
            file.write(cassetteLine(m_recorded, m_secrets)); // one write: other processes record, too
    }

    void conclude() override { m_exchange->conclude(); }

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
    const QString path = cassettePath(folder);
    const bool hasFolder = QDir().mkpath(folder);
    const auto cassette = openToAppend(path);
    QFile file;
    if (!hasFolder || !cassette || !file.open(cassette->get(), QIODevice::Append))
        return fail(Error::Kind::Denied, u"--record: %1 cannot be written"_s.arg(path));
    if (file.size() == 0)
        file.write(cassetteHead());
    return std::unique_ptr<HttpClient>(
        new RecordingClient(std::move(client), path, std::move(folders), std::move(secrets)));
}

std::unique_ptr<HttpExchange> RecordingClient::send(HttpRequest request, HttpHandlers handlers)
{
    auto recording = std::make_unique<Recording>(m_path, m_secrets, normalisedRequest(joined(request.body), m_folders),
                                                 std::move(handlers));
    recording->own(m_client->send(std::move(request), recording->handlers()));
    return recording;
}

ReplayingClient::ReplayingClient(std::vector<RecordedExchange> exchanges, FolderNames folders, Play play,
                                 MakeClient live)
    : m_exchanges(std::move(exchanges))
    , m_isPlayed(m_exchanges.size())
    , m_folders(std::move(folders))
    , m_play(play)
    , m_makeLive(std::move(live))
{}

Result<std::unique_ptr<HttpClient>> ReplayingClient::create(const QString &folder, FolderNames folders, Play play,
                                                            MakeClient live)
{
    const QString path = cassettePath(folder);
    const auto text = readBounded(path, fileuse::cassette);
    if (!text)
        return failAt(u"--replay: %1 cannot be read"_s.arg(path), text.error());
    auto exchanges = readCassette(*text);
    if (!exchanges)
        return failAt(path, exchanges.error());
    return std::unique_ptr<HttpClient>(
        new ReplayingClient(std::move(*exchanges), std::move(folders), play, std::move(live)));
}

/// Whom a request is passed on to that was not recorded, or why there is nobody.
Result<HttpClient *> ReplayingClient::live(const QByteArray &request)
{
    if (!m_makeLive)
        return fail(Error::Kind::NotFound, miss(request));
    if (!m_live) {
        auto made = m_makeLive();
        if (!made)
            return std::unexpected(made.error());
        m_live = std::move(*made);
    }
    return m_live.get();
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

/// The first that was not played; else, where it may be played again, the last.
std::optional<size_t> ReplayingClient::find(const QByteArray &request) const
{
    std::optional<size_t> played;
    for (size_t i = 0; i < m_exchanges.size(); ++i) {
        if (m_exchanges[i].request != request)
            continue;
        if (!m_isPlayed[i])
            return i;
        played = i;
    }
    return m_play == Play::Again ? played : std::nullopt;
}

std::unique_ptr<HttpExchange> ReplayingClient::send(HttpRequest request, HttpHandlers handlers)
{
    const QByteArray wanted = normalisedRequest(joined(request.body), m_folders);
    if (const auto found = find(wanted)) {
        m_isPlayed[*found] = true;
        const RecordedExchange &exchange = m_exchanges[*found];
        return deliver({.status = exchange.status, .body = exchange.body, .isWhole = exchange.isWhole},
                       std::move(handlers));
    }
    const auto client = live(wanted);
    if (!client)
        return deliver({.status = 400, .body = client.error().message.toUtf8()}, std::move(handlers));
    return (*client)->send(std::move(request), std::move(handlers));
}

} // namespace nightshift::llm
