#include "faults.h"
#include "base/rawjson.h"
#include "llm/log.h"
#include "llm/preparedanswer.h"
#include <QObject>
#include <algorithm>
#include <csignal>
#include <limits>

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

using Kind = Fault::Kind;
using json::object;

constexpr std::pair<QLatin1StringView, Kind> words[]{{"cut"_L1, Kind::Cut},           {"stall"_L1, Kind::Stall},
                                                     {"context"_L1, Kind::Context},   {"refusal"_L1, Kind::Refusal},
                                                     {"nonsense"_L1, Kind::Nonsense}, {"stop"_L1, Kind::Stop}};

/// Whether its answer is written in the words of the Responses wire.
bool isSpoken(Kind kind)
{
    return kind == Kind::Refusal || kind == Kind::Nonsense;
}

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
    void conclude() override { m_exchange->conclude(); }

private:
    void onBody(const QByteArray &piece)
    {
        if (m_left < 0)
            return;
        const QByteArray passed = piece.first(std::min<qint64>(piece.size(), m_left));
        m_left = passed.size() < piece.size() ? -1 : m_left - passed.size();
        if (m_left < 0)
            QMetaObject::invokeMethod(this, [this] { breakOff(); }, Qt::QueuedConnection);
        m_handlers.body(passed);
    }

    void breakOff()
    {
        m_exchange.reset();
        m_handlers.end(fail(Error::Kind::Network, u"the connection was cut, as was asked for"_s));
    }

    HttpHandlers m_handlers;
    qint64 m_left;
    std::unique_ptr<HttpExchange> m_exchange;
};

/// A whole answer that is this one part of a message.
PreparedAnswer saying(const RawJson &part)
{
    const RawJson message =
        object({{"type", "message"}, {"role", "assistant"}, {"id", "msg_fault"}, {"content", json::array({part})}});
    const RawJson response = object({{"id", "fault"}});
    PreparedAnswer answer;
    for (const RawJson &event : {object({{"type", "response.created"}, {"response", response}}),
                                 object({{"type", "response.output_item.done"}, {"item", message}}),
                                 object({{"type", "response.completed"}, {"response", response}})})
        answer.body += "data: " + event.text + "\n\n";
    return answer;
}

PreparedAnswer answerOf(const Fault &fault)
{
    switch (fault.kind) {
    case Kind::Context:
        return {.status = 400,
                .body = object({{"error", object({{"code", "context_length_exceeded"},
                                                  {"message", "a fault that was asked for"}})}})
                            .text};
    case Kind::Refusal:
        return saying(object({{"type", "refusal"}, {"refusal", "I decline, as was asked for."}}));
    case Kind::Nonsense:
        return saying(object({{"type", "output_text"}, {"text", "Nonsense, as was asked for."}}));
    default: // may be asked again at once: who waits for it learns nothing
        return {.status = fault.status, .body = "a fault that was asked for", .headers = {{"retry-after-ms", "1"}}};
    }
}

class FaultyClient final : public HttpClient
{
public:
    FaultyClient(std::unique_ptr<HttpClient> client, std::vector<Fault> faults)
        : m_client(std::move(client))
        , m_faults(std::move(faults))
    {}
    ~FaultyClient() override
    {
        for (const Fault &fault : m_faults) {
            if (fault.first > m_count)
                qCWarning(llmLog, "the fault %s never happened: there were %lld requests", qUtf8Printable(fault.word),
                          m_count);
        }
    }

    std::unique_ptr<HttpExchange> send(HttpRequest request, HttpHandlers handlers) override
    {
        ++m_count;
        const auto isNow = [this](const Fault &each) { return each.first <= m_count && m_count <= each.last; };
        const auto fault = std::ranges::find_if(m_faults, isNow);
        if (fault == m_faults.end())
            return m_client->send(std::move(request), std::move(handlers));
        if (fault->kind == Kind::Stop)
            std::raise(SIGTERM);
        if (fault->kind == Kind::Stop || fault->kind == Kind::Stall)
            return std::make_unique<HttpExchange>();
        if (fault->kind == Kind::Cut)
            return std::make_unique<Cut>(*m_client, std::move(request), std::move(handlers), fault->bytes);
        return deliver(answerOf(*fault), std::move(handlers));
    }

private:
    std::unique_ptr<HttpClient> m_client;
    const std::vector<Fault> m_faults;
    qint64 m_count = 0;
};

std::optional<Fault> parseFault(const QString &word)
{
    Fault fault{.word = word};
    const QString what = word.section(u'@', 0, 0), where = word.section(u'@', 1);
    bool isGood = true, hasEnd = true, hasStatus = false;
    fault.status = what.toInt(&hasStatus);
    const auto known = std::ranges::find(words, what, &std::pair<QLatin1StringView, Kind>::first);
    if (known != std::end(words))
        fault.kind = known->second;
    else if (!hasStatus || fault.status < 400 || fault.status > 599)
        return {};
    const QString requests = where.section(u':', 0, 0), end = requests.section(u'-', 1);
    fault.first = requests.section(u'-', 0, 0).toLongLong(&isGood);
    fault.last = !requests.contains(u'-') ? fault.first
                 : end.isEmpty()          ? std::numeric_limits<qint64>::max()
                                          : end.toLongLong(&hasEnd);
    bool hasBytes = !where.contains(u':');
    if (!hasBytes)
        fault.bytes = where.section(u':', 1).toLongLong(&hasBytes);
    if (!isGood || !hasEnd || !hasBytes || fault.first < 1 || fault.last < fault.first)
        return {};
    return fault;
}

} // namespace

Result<std::vector<Fault>> parseFaults(const QString &text)
{
    std::vector<Fault> faults;
    for (const QString &word : text.split(u',', Qt::SkipEmptyParts)) {
        const auto fault = parseFault(word);
        if (!fault)
            return fail(Error::Kind::Usage,
                        u"the fault `%1` is none: expected STATUS@N, cut@N:BYTES, stall@N, context@N, refusal@N, "
                        "nonsense@N or stop@N; N-M and N- are several requests"_s.arg(word));
        faults.push_back(*fault);
    }
    return faults;
}

Result<std::unique_ptr<HttpClient>> withFaults(std::unique_ptr<HttpClient> client, const QString &text, WireApi wire)
{
    auto faults = parseFaults(text);
    if (!faults)
        return std::unexpected(faults.error());
    for (const Fault &fault : *faults) {
        if (isSpoken(fault.kind) && wire != WireApi::Responses)
            return fail(Error::Kind::Usage,
                        u"the fault `%1` needs a provider whose wire_api is responses"_s.arg(fault.word));
    }
    return std::make_unique<FaultyClient>(std::move(client), std::move(*faults));
}

} // namespace nightshift::llm
