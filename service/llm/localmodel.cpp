#include "localmodel.h"
#include "base/credentials.h"
#include "base/jsonreader.h"
#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::llm {

namespace {

constexpr auto listSilence = 5s;    // a server on this machine that runs answers at once
constexpr auto pullSilence = 10min; // between two parts it verifies gigabytes and says nothing

/// The models of a list, in the form of OpenAI (`data[].id`) or of Ollama (`models[].name`).
QStringList listedModels(QByteArrayView body)
{
    QStringList names;
    const auto document = JsonDocument::parse(body);
    if (!document)
        return names;
    for (const JsonView model : document->root()["data"].items())
        names += model["id"].toString();
    for (const JsonView model : document->root()["models"].items())
        names += model["name"].toString();
    return names;
}

QString nobodyListens(const ProviderSettings &provider, const QString &why)
{
    const bool ollama = provider.id == "ollama"_L1;
    return u"No running %1 server was found at %2 (%3); start it with `%4`, or say where it is in CODEX_OSS_BASE_URL"_s
        .arg(provider.name, withoutUrlSecrets(provider.baseUrl), why,
             ollama ? u"ollama serve"_s : u"lms server start"_s);
}

} // namespace

Result<PullProgress> readPullLine(QByteArrayView line)
{
    const auto document = JsonDocument::parse(line);
    if (!document)
        return failAt(u"an unexpected line"_s, document.error());
    const JsonView root = document->root();
    if (root["error"].exists())
        return fail(Error::Kind::NotFound, root["error"].toString());
    return PullProgress{.status = root["status"].toString(),
                        .layer = root["digest"].toString(),
                        .total = root["total"].toInteger(),
                        .done = root["completed"].toInteger()};
}

bool isSameModel(QStringView listed, QStringView wanted)
{
    const auto bare = [](QStringView name) { return name.endsWith(u":latest") ? name.chopped(7) : name; };
    return bare(listed) == bare(wanted);
}

LocalModel::LocalModel(HttpClient &http, const ProviderSettings &provider, const QString &model, QObject *parent)
    : QObject(parent)
    , m_http(http)
    , m_provider(provider)
    , m_model(model)
    , m_root(provider.baseUrl)
{
    while (m_root.endsWith(u'/'))
        m_root.chop(1);
    const QString list = m_root + u"/models"_s;
    if (m_root.endsWith("/v1"_L1))
        m_root.chop(3);
    ask("GET", list, {}, &LocalModel::onListed);
}

void LocalModel::ask(const char *method, const QString &url, const QByteArray &body, auto onFinished)
{
    HttpRequest request{.method = method, .url = url, .headers = {{"accept", "application/json"}}};
    if (!body.isEmpty()) {
        request.headers.emplace_back("content-type", "application/json");
        request.body = {body};
    }
    const bool pull = !body.isEmpty();
    auto *fetch = new HttpFetch(m_http, std::move(request), pull ? pullSilence : listSilence, this);
    if (pull)
        connect(fetch, &HttpFetch::line, this, &LocalModel::onPullLine);
    connect(fetch, &HttpFetch::finished, this, onFinished);
    connect(fetch, &HttpFetch::finished, fetch, &QObject::deleteLater);
}

void LocalModel::onListed(const Result<HttpAnswer> &answer)
{
    if (!answer)
        return emit finished(fail(Error::Kind::Network, nobodyListens(m_provider, answer.error().message)));
    if (answer->status != 200)
        return emit finished(
            fail(Error::Kind::Network, nobodyListens(m_provider, u"what is there answers %1"_s.arg(answer->status))));
    const QStringList models = listedModels(answer->body);
    if (std::ranges::any_of(models, [this](const QString &name) { return isSameModel(name, m_model); }))
        return emit finished({});
    if (m_provider.id == "ollama"_L1)
        return pull();
    emit finished(fail(Error::Kind::NotFound,
                       u"%1 has no model `%2`; get it with `lms get %2`, or take one it has with -m: %3"_s.arg(
                           m_provider.name, m_model, models.isEmpty() ? u"(none)"_s : models.join(u", "_s))));
}

void LocalModel::pull()
{
    const RawJson body = json::object({{"model", m_model}, {"stream", true}});
    ask("POST", m_root + u"/api/pull"_s, body.text, &LocalModel::onPulled);
}

void LocalModel::onPullLine(const QByteArray &line)
{
    if (line.trimmed().isEmpty() || !m_last)
        return; // after an error nothing counts
    m_last = readPullLine(line);
    if (m_last)
        emit pulling(*m_last);
}

void LocalModel::onPulled(const Result<HttpAnswer> &answer)
{
    const QString failed = u"%1 could not pull the model `%2`: "_s.arg(m_provider.name, m_model);
    if (!answer)
        return emit finished(fail(answer.error().kind, failed + answer.error().message));
    if (!m_last)
        return emit finished(fail(m_last.error().kind, failed + m_last.error().message));
    if (answer->status != 200)
        return emit finished(fail(Error::Kind::NotFound, failed + u"it answered %1"_s.arg(answer->status)));
    if (m_last->status != "success"_L1)
        return emit finished(fail(Error::Kind::Network, failed + u"its answer ended before the model was complete"_s));
    emit finished({});
}

} // namespace nightshift::llm
