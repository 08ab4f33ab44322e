#include "bundleroutes.h"
#include "api/facts.h"
#include "api/objects.h"
#include "api/pooledreply.h"
#include "isolation/isolatedtree.h"
#include "store/bundleimport.h"
#include <QBuffer>
#include <QTemporaryFile>

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Answer;
using http::Problem;
using http::ProblemCode;
using http::Request;

namespace {

/// A tar.gz while its client takes it.
class BundleSource : public http::BodySource
{
public:
    static Result<std::shared_ptr<BundleSource>> open(const store::Archiver &archiver, store::Bundle bundle)
    {
        auto source = std::make_shared<BundleSource>();
        auto writing = archiver.write(std::move(bundle), store::BundleFormat::TarGz, source->m_buffer);
        if (!writing)
            return std::unexpected(writing.error());
        source->m_writing = std::move(*writing);
        return source;
    }
    BundleSource() { m_buffer.open(QIODevice::WriteOnly); }

    Result<QByteArray> next() override
    {
        while (m_buffer.data().isEmpty() && !m_over) {
            const Result<bool> more = m_writing->step();
            if (!more)
                return std::unexpected(more.error());
            m_over = !*more;
        }
        m_buffer.seek(0);
        return std::exchange(m_buffer.buffer(), {});
    }

private:
    QBuffer m_buffer;
    std::unique_ptr<store::BundleWriting> m_writing; ///< Goes before what it writes to.
    bool m_over = false;
};

struct Wanted
{
    bool zip = false;
    bool redact = false;
    bool files = false;
    bool cassette = false;
};

std::unexpected<Problem> badParameter(const QString &sentence)
{
    return std::unexpected(Problem{ProblemCode::InvalidParameter, sentence});
}

http::Judged<Wanted> readWanted(const Request &request)
{
    Wanted wanted;
    const QByteArray byType = request.accepted == "application/zip" ? "zip" : "tar.gz";
    const QByteArray format = request.query.value("format").value_or(byType);
    if (format != "tar.gz" && format != "zip")
        return badParameter(u"format is tar.gz or zip"_s);
    wanted.zip = format == "zip";
    const QByteArray redact = request.query.value("redact").value_or("0");
    if (redact != "0" && redact != "1")
        return badParameter(u"redact is 0 or 1"_s);
    wanted.redact = redact == "1";
    for (const QByteArray &part : request.query.value("include").value_or("").split(',')) {
        if (!part.isEmpty() && part != "files" && part != "cassette")
            return badParameter(u"include takes files and cassette"_s);
        wanted.files |= part == "files";
        wanted.cassette |= part == "cassette";
    }
    return wanted;
}

engine::BundleOrder orderOf(const Sessions &sessions, const SessionLog &log, const Wanted &wanted)
{
    const SessionOpener &opener = sessions.opener();
    const QString id = log.view().id;
    engine::BundleOrder order{.stateDir = opener.stateFolder(),
                              .session = {.id = id, .path = log.path()},
                              .decompress = opener.decompress(),
                              .files = wanted.files,
                              .cassette = wanted.cassette};
    if (const auto tree = isolation::IsolatedTree::ofSession(order.stateDir, id))
        order.isolatedDiff = tree->folder() + u"/result.patch"_s;
    if (wanted.redact)
        order.mask.emplace(opener.knownSecrets(log.view().options));
    return order;
}

Answer bundle(Sessions &sessions, BundleShelf &shelf, const Request &request)
{
    const auto wanted = readWanted(request);
    if (!wanted)
        return wanted.error();
    const auto log = sessions.log(request.pathId(), request.caller);
    if (!log)
        return log.error();
    const engine::BundleOrder order = orderOf(sessions, **log, *wanted);
    const QByteArray id = order.session.id.toLatin1();
    if (wanted->zip) {
        const QByteArray key = id + ' ' + QByteArray::number((*log)->lastSeq()) + ' ' + char('0' + wanted->redact) +
                               char('0' + wanted->files) + char('0' + wanted->cassette);
        shelf.prepare(key, order);
        return std::make_unique<ZipReply>(shelf, key, id + ".zip", request.head);
    }
    return std::make_unique<PooledReply>([order, id, archiver = shelf.archiver()]() -> PooledReply::Rest {
        const auto made = std::make_shared<Result<store::Bundle>>(engine::makeBundle(order));
        return [made, id, archiver]() -> http::Judged<http::Response> {
            auto source = made->and_then([&](store::Bundle &bundle) { return BundleSource::open(archiver, bundle); });
            if (!source)
                return std::unexpected(problemOf(source.error()));
            return http::Response{.headers = {{{"Content-Type", "application/gzip"},
                                               {"Content-Disposition", "attachment; filename=\"" + id + ".tar.gz\""}}},
                                  .source = *source};
        };
    });
}

Problem importProblem(const Error &error)
{
    switch (error.kind) {
    case Error::Kind::Invalid:
        return {ProblemCode::BundleInvalid, error.message};
    case Error::Kind::Denied:
        return {ProblemCode::SessionExists, error.message};
    default:
        return problemOf(error);
    }
}

/// A session without a folder is there for nobody who is bound to folders, but for the one who brought it.
http::Judged<void> noteImporter(Sessions &sessions, const QString &id, const http::Token &importer)
{
    if (importer.roots.isEmpty())
        return {};
    const auto done = sessions.host(id, http::localUser()).and_then([&importer](HostedSession *session) {
        return session->note({importedFact(importer.id)});
    });
    if (!done)
        std::ignore = sessions.remove(id);
    return done;
}

http::Judged<http::Response> importedReply(Sessions &sessions, const store::Imported &imported,
                                           const http::Token &importer)
{
    if (const auto noted = imported.known ? http::Judged<void>() : noteImporter(sessions, imported.id, importer);
        !noted)
        return std::unexpected(noted.error());
    const auto log = sessions.log(imported.id, importer);
    if (!log) // of one that was here already: it works where the caller may not look
        return std::unexpected(
            Problem{ProblemCode::SessionExists, u"the session %1 is here already"_s.arg(imported.id)});
    const SessionOptions &options = (*log)->view().options;
    sessions.catalogue().put(imported.id, {options.externalId, options.labels});
    http::Response response = http::jsonResponse(imported.known ? 200 : 201, sessionObject((*log)->view()));
    response.headers.add("Location", "/v1/sessions/" + imported.id.toLatin1());
    return response;
}

Answer import(Sessions &sessions, BundleShelf &shelf, const Request &request)
{
    if (sessions.isDraining())
        return Problem{ProblemCode::Draining, u"the service is stopping"_s};
    const QString state = sessions.opener().stateFolder();
    return std::make_unique<PooledReply>([upload = request.upload, state, archiver = shelf.archiver(),
                                          decompress = sessions.opener().decompress(), importer = request.caller,
                                          &sessions]() -> PooledReply::Rest {
        upload->flush();
        const auto imported = store::importBundle(state, upload->fileName(), archiver, decompress);
        return [imported, importer, &sessions]() -> http::Judged<http::Response> {
            if (!imported)
                return std::unexpected(importProblem(imported.error()));
            return importedReply(sessions, *imported, importer);
        };
    });
}

} // namespace

std::vector<http::Route> bundleRoutes(Sessions &sessions, BundleShelf &shelf)
{
    std::vector<http::Route> routes;
    routes.push_back({.method = "GET",
                      .pattern = "/v1/sessions/{id}/bundle",
                      .scope = http::Scope::Read,
                      .handler = [&](const Request &request) { return bundle(sessions, shelf, request); },
                      .produces = {"application/gzip", "application/zip"},
                      .parameters = {"format", "redact", "include"}});
    routes.push_back({.method = "POST",
                      .pattern = "/v1/sessions/import",
                      .scope = http::Scope::Run,
                      .handler = [&](const Request &request) { return import(sessions, shelf, request); },
                      .consumes = {"application/gzip", "application/zip"},
                      .body = http::Route::Body::Disk,
                      .repeat = http::Route::Repeat::NeedsKey});
    return routes;
}

} // namespace nightshift::api
