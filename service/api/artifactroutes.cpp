#include "api/bundleroutes.h"
#include "api/pooledreply.h"
#include "base/boundedfile.h"
#include "engine/outcome.h"
#include "isolation/isolatedtree.h"
#include "store/artifacts.h"
#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Answer;
using http::Judged;
using http::Problem;
using http::ProblemCode;
using http::Request;

namespace {

/// What a session came to; made of its log, or a file beside it.
struct Artifact
{
    QString name;
    QByteArray type;
    QByteArray content;
    QString path; ///< Instead of the content.

    qint64 size() const { return path.isEmpty() ? content.size() : QFileInfo(path).size(); }
};

constexpr const char *binary = "application/octet-stream"; // a browser shall not run what a model wrote

/// Enough to find a session's artifacts without the service's objects.
struct Place
{
    QString stateDir;
    QString id;
    QString path;
    store::Decompress decompress;
};

Place placeOf(const Sessions &sessions, const SessionLog &log)
{
    return {sessions.opener().stateFolder(), log.view().id, log.path(), sessions.opener().decompress()};
}

/// Of an isolated run the patch that it came to; of one that was made elsewhere what came with it.
QByteArray diffOf(const Place &place, const engine::Outcome &outcome)
{
    QString path;
    if (auto tree = isolation::IsolatedTree::ofSession(place.stateDir, place.id)) {
        path = tree->folder() + u"/result.patch"_s;
        // What is kept may be of the turn before: it is made again when a session lets go.
        const bool isOurs = tree->kind() != Isolation::Overlay && !tree->isApplied();
        if (const auto patch = isOurs ? tree->collect() : Result<QByteArray>(fail(Error::Kind::NotFound, {})))
            return *patch;
    }
    const QByteArray known = engine::wholeDiff(outcome);
    if (known.isEmpty() && !QFile::exists(path))
        path = store::Artifacts(place.stateDir, place.id).path(u"diff.patch"_s);
    return path.isEmpty() ? known : readBounded(path, fileuse::patchRecord).value_or(known);
}

Result<std::vector<Artifact>> artifacts(const Place &place)
{
    const auto outcome = engine::readOutcome(place.stateDir, place.path, place.decompress);
    if (!outcome)
        return std::unexpected(outcome.error());
    std::vector<Artifact> found;
    found.push_back({u"last_message.md"_s, "text/markdown; charset=utf-8", engine::lastMessageText(*outcome), {}});
    found.push_back({u"result.json"_s, "application/json", engine::resultObject(*outcome).text + '\n', {}});
    found.push_back({u"diff.patch"_s, "text/x-diff", diffOf(place, *outcome), {}});
    const store::Artifacts beside(place.stateDir, place.id);
    for (const QString &name : beside.declaredFiles())
        found.push_back({name, binary, {}, beside.path(name)});
    return found;
}

Judged<http::Response> response(const http::RequestHead &head, const Artifact &artifact)
{
    auto file = std::make_shared<QFile>(artifact.path);
    if (!artifact.path.isEmpty() && !file->open(QIODevice::ReadOnly))
        return std::unexpected(Problem{ProblemCode::NotFound, u"%1 is gone"_s.arg(artifact.name)});
    QCryptographicHash hash(QCryptographicHash::Sha256);
    if (artifact.path.isEmpty())
        hash.addData(artifact.content);
    else
        hash.addData(file.get());
    const QByteArray etag = '"' + hash.result().toHex() + '"';
    return artifact.path.isEmpty() ? http::bytesResponse(head, artifact.content, artifact.type, etag)
                                   : http::fileResponse(head, file, artifact.type, etag);
}

RawJson listed(const std::vector<Artifact> &artifacts, const QString &id)
{
    std::vector<RawJson> data;
    for (const Artifact &artifact : artifacts) {
        const QByteArray name = QUrl::toPercentEncoding(artifact.name, "/");
        data.push_back(json::object({{"name", artifact.name},
                                     {"size", artifact.size()},
                                     {"type", artifact.type},
                                     {"link", "/v1/sessions/" + id.toLatin1() + "/files/" + name}}));
    }
    return json::object({{"data", json::array(data)}, {"next", nullptr}});
}

/// Makes an answer of the session's artifacts.
Answer withArtifacts(Sessions &sessions, const Request &request,
                     std::function<Judged<http::Response>(const std::vector<Artifact> &)> use)
{
    const auto log = sessions.log(request.pathId(), request.caller);
    if (!log)
        return log.error();
    return std::make_unique<PooledReply>([place = placeOf(sessions, **log), use]() -> PooledReply::Rest {
        const auto found = artifacts(place);
        const Judged<http::Response> made =
            found ? use(*found) : Judged<http::Response>(std::unexpected(problemOf(found.error())));
        return [made] { return made; };
    });
}

Answer list(Sessions &sessions, const Request &request)
{
    const QString id = request.pathId().toLower();
    return withArtifacts(sessions, request, [id](const std::vector<Artifact> &found) -> Judged<http::Response> {
        return http::jsonResponse(200, listed(found, id));
    });
}

/// Only what is on the list, by the name that stands there: no name leads anywhere else.
Answer show(Sessions &sessions, const Request &request)
{
    const QString name = QString::fromUtf8(request.pathValue("path"));
    return withArtifacts(
        sessions, request, [name, head = request.head](const std::vector<Artifact> &found) -> Judged<http::Response> {
            const auto wanted = std::ranges::find(found, name, &Artifact::name);
            if (wanted == found.end())
                return std::unexpected(Problem{ProblemCode::NotFound, u"the session has no file %1"_s.arg(name)});
            return response(head, *wanted);
        });
}

Answer diff(Sessions &sessions, const Request &request)
{
    const auto log = sessions.log(request.pathId(), request.caller);
    if (!log)
        return log.error();
    QString turnId;
    if (const auto name = request.query.value("turn")) {
        const TurnView *turn = (*log)->view().find(QString::fromUtf8(*name));
        if (!turn)
            return Problem{ProblemCode::NotFound,
                           u"there is no turn %1 in this session"_s.arg(QString::fromUtf8(*name))};
        turnId = turn->id;
    }
    return std::make_unique<PooledReply>([place = placeOf(sessions, **log), turnId,
                                          head = request.head]() -> PooledReply::Rest {
        const auto outcome = engine::readOutcome(place.stateDir, place.path, place.decompress);
        if (!outcome)
            return [error = outcome.error()]() -> Judged<http::Response> { return std::unexpected(problemOf(error)); };
        const auto turn = std::ranges::find(outcome->turns, turnId, &engine::TurnSummary::id);
        const QByteArray text = turnId.isEmpty()               ? diffOf(place, *outcome)
                                : turn == outcome->turns.end() ? QByteArray()
                                                               : turn->diff;
        return [made = response(head, {u"diff"_s, "text/x-diff", text, {}})] { return made; };
    });
}

} // namespace

std::vector<http::Route> artifactRoutes(Sessions &sessions)
{
    const auto bound = [&sessions](Answer (*handler)(Sessions &, const Request &)) {
        return [&sessions, handler](const Request &request) { return handler(sessions, request); };
    };
    using enum http::Scope;
    std::vector<http::Route> routes;
    routes.push_back({"GET", "/v1/sessions/{id}/files", Read, bound(list)});
    routes.push_back({.method = "GET",
                      .pattern = "/v1/sessions/{id}/files/{path*}",
                      .scope = Read,
                      .handler = bound(show),
                      .produces = {binary, "text/markdown", "application/json", "text/x-diff"}});
    routes.push_back({.method = "GET",
                      .pattern = "/v1/sessions/{id}/diff",
                      .scope = Read,
                      .handler = bound(diff),
                      .produces = {"text/x-diff", "text/plain"},
                      .parameters = {"turn"}});
    return routes;
}

} // namespace nightshift::api
