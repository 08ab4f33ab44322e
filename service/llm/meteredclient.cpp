#include "meteredclient.h"
#include <memory>

namespace nightshift::llm {

using Clock = std::chrono::steady_clock;

/// All our protocols write it near the beginning, before anything that a user or a model said.
static QByteArray modelOf(const HttpRequest &request)
{
    constexpr QByteArrayView member = "\"model\":\"";
    const QByteArray start = request.body.empty() ? QByteArray() : request.body.front();
    const qsizetype at = start.indexOf(member);
    const qsizetype from = at + member.size();
    return at < 0 ? QByteArray() : start.sliced(from, std::max<qsizetype>(0, start.indexOf('"', from) - from));
}

namespace {

struct Measured
{
    RequestFigures figures;
    Clock::time_point began = Clock::now();
    bool ended = false;
};

/// Its end is that of the request, for who has all of an answer does not wait for the connection's end.
class MeteredExchange final : public HttpExchange
{
public:
    MeteredExchange(std::unique_ptr<HttpExchange> exchange, std::shared_ptr<Measured> measured,
                    MeteredClient::Tell tell)
        : m_exchange(std::move(exchange))
        , m_measured(std::move(measured))
        , m_tell(std::move(tell))
    {}
    ~MeteredExchange() override
    {
        m_measured->figures.whole = Clock::now() - m_measured->began;
        if (m_measured->ended || m_measured->figures.status != 0)
            m_tell(m_measured->figures);
    }
    void conclude() override { m_exchange->conclude(); }

private:
    std::unique_ptr<HttpExchange> m_exchange;
    std::shared_ptr<Measured> m_measured;
    MeteredClient::Tell m_tell;
};

} // namespace

MeteredClient::MeteredClient(std::unique_ptr<HttpClient> client, Tell tell)
    : m_client(std::move(client))
    , m_tell(std::move(tell))
{}

std::unique_ptr<HttpExchange> MeteredClient::send(HttpRequest request, HttpHandlers handlers)
{
    const QByteArray model = modelOf(request);
    if (model.isEmpty())
        return m_client->send(std::move(request), std::move(handlers));
    const auto measured = std::make_shared<Measured>();
    measured->figures.url = request.url;
    measured->figures.model = model;
    handlers.head = [measured, next = std::move(handlers.head)](int status, const HttpHeaders &headers) {
        measured->figures.status = status;
        next(status, headers);
    };
    handlers.body = [measured, next = std::move(handlers.body)](const QByteArray &bytes) {
        if (measured->figures.untilFirst.count() == 0)
            measured->figures.untilFirst = Clock::now() - measured->began;
        next(bytes);
    };
    handlers.end = [measured, next = std::move(handlers.end)](const Result<> &outcome) {
        measured->ended = true;
        next(outcome);
    };
    return std::make_unique<MeteredExchange>(m_client->send(std::move(request), std::move(handlers)), measured, m_tell);
}

} // namespace nightshift::llm
