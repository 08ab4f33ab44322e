#include "idempotency.h"
#include "base/boundedfile.h"
#include "base/jsonreader.h"
#include "http/tokens.h"
#include "http/tokenstore.h"
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QTimeZone>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::http {

constexpr const char *keptHeaders[] = {"Content-Type", "Location", "Preference-Applied"};

static qint64 now()
{
    return QDateTime::currentSecsSinceEpoch();
}

static RawJson describe(const KeyedRequest &request, const Response *response)
{
    std::optional<RawJson> answer;
    if (response) {
        std::vector<std::pair<QString, RawJson>> headers;
        for (const char *name : keptHeaders) {
            if (response->headers.contains(name))
                headers.emplace_back(QLatin1StringView(name),
                                     json::string(QByteArrayView(response->headers.value(name))));
        }
        answer = json::object(
            {{"status", response->status}, {"headers", json::object(headers)}, {"body", response->body.toBase64()}});
    }
    return json::object({{"at", now()},
                         {"token", request.token},
                         {"rights", request.rights.toHex()},
                         {"method", request.method},
                         {"path", request.path},
                         {"body_sha256", request.bodySha256.toHex()},
                         {"answer", answer}});
}

static Response readAnswer(JsonView answer)
{
    Response response{
        int(answer["status"].toInteger()), {}, QByteArray::fromBase64(answer["body"].utf8().toByteArray()), nullptr};
    for (const auto &[name, value] : answer["headers"].members())
        response.headers.add(name.toLatin1(), value.utf8().toByteArray());
    response.headers.add("Idempotency-Replayed", "true");
    return response;
}

bool isIdempotencyKey(QByteArrayView key)
{
    return !key.isEmpty() && key.size() <= 128 && std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
}

IdempotencyStore::IdempotencyStore(QString folder, std::chrono::seconds lifetime)
    : m_folder(std::move(folder))
    , m_lifetime(lifetime)
{
    purge();
}

QString IdempotencyStore::pathOf(const KeyedRequest &request) const
{
    const QByteArray name = sha256(request.token.toUtf8() + '\n' + request.key).toHex();
    return m_folder + u'/' + QLatin1StringView(name) + u".json"_s;
}

std::variant<IdempotencyStore::Fresh, Response, Problem> IdempotencyStore::begin(const KeyedRequest &request)
{
    const QString path = pathOf(request);
    const auto document = JsonDocument::parse(readBounded(path, fileuse::record).value_or(QByteArray()));
    const JsonView kept = document ? document->root() : JsonView();
    if (kept.exists() && now() - kept["at"].toInteger() < m_lifetime.count()) {
        if (kept["method"].utf8() != request.method || kept["path"].utf8() != request.path ||
            kept["body_sha256"].utf8() != request.bodySha256.toHex())
            return Problem{ProblemCode::IdempotencyMismatch, u"this key was used for another request; use a new one"_s};
        if (kept["rights"].exists() && kept["rights"].utf8() != request.rights.toHex())
            return Problem{
                ProblemCode::IdempotencyMismatch,
                u"the token allows something else than when this was answered; see what there is, then use a "
                "new key"_s,
                Problem::SideEffects::Possible};
        if (kept["answer"].exists())
            return readAnswer(kept["answer"]);
        if (!m_running.contains(path))
            return Problem{ProblemCode::IdempotencyInProgress,
                           u"the service was stopped while it did this; see what there is, then use a new key"_s,
                           Problem::SideEffects::Possible};
        Problem running{ProblemCode::IdempotencyInProgress, u"the first request with this key is being done"_s,
                        Problem::SideEffects::Possible};
        running.retryAfter = std::chrono::seconds(1);
        return running;
    }
    if (const auto written = writePrivately(path, describe(request, nullptr).text); !written)
        return Problem{ProblemCode::Internal, written.error().message};
    m_running.insert(path);
    return Fresh{};
}

Result<> IdempotencyStore::finish(const KeyedRequest &request, const Response &response)
{
    m_running.remove(pathOf(request));
    return writePrivately(pathOf(request), describe(request, &response).text);
}

void IdempotencyStore::forget(const KeyedRequest &request)
{
    m_running.remove(pathOf(request));
    QFile::remove(pathOf(request));
}

void IdempotencyStore::purge()
{
    const QDateTime oldest = QDateTime::currentDateTimeUtc().addSecs(-m_lifetime.count());
    for (const QFileInfo &entry : QDir(m_folder).entryInfoList({u"*.json"_s}, QDir::Files)) {
        if (entry.lastModified(QTimeZone::UTC) < oldest && !m_running.contains(entry.filePath()))
            QFile::remove(entry.filePath());
    }
}

} // namespace nightshift::http
