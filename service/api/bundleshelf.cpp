#include "bundleshelf.h"
#include "api/hostedsession.h"
#include "http/door.h"
#include <QCryptographicHash>
#include <QFutureWatcher>
#include <QPromise>
#include <QThreadPool>
#include <QTimer>

using namespace Qt::StringLiterals;

namespace nightshift::api {

using namespace std::chrono_literals;
constexpr auto shelfLife = 10min; // enough for a client to come again

BundleShelf::BundleShelf(QString folder, store::Archiver archiver)
    : m_folder(std::move(folder))
    , m_archiver(std::move(archiver))
{}

static Result<> write(const store::Archiver &archiver, const store::Bundle &bundle, QTemporaryFile &file)
{
    auto writing = archiver.write(bundle, store::BundleFormat::Zip, file);
    if (!writing)
        return std::unexpected(writing.error());
    return store::finish(**writing);
}

static Result<BundleShelf::Zip> makeZip(const store::Archiver &archiver, const QString &folder,
                                        const engine::BundleOrder &order)
{
    const auto bundle = engine::makeBundle(order);
    if (!bundle)
        return std::unexpected(bundle.error());
    auto file = std::make_shared<QTemporaryFile>(folder + u"/bundle-XXXXXX"_s);
    if (!file->open())
        return fail(Error::Kind::DiskFull, u"cannot make a file in %1: %2"_s.arg(folder, file->errorString()));
    if (const auto written = write(archiver, *bundle, *file); !written)
        return std::unexpected(written.error());
    if (!file->flush() || !file->seek(0))
        return fail(Error::Kind::DiskFull, u"cannot write %1: %2"_s.arg(file->fileName(), file->errorString()));
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(file.get());
    return BundleShelf::Zip{file, '"' + hash.result().toHex() + '"'};
}

void BundleShelf::prepare(const QByteArray &key, const engine::BundleOrder &order)
{
    if (m_zips.contains(key))
        return;
    m_zips.insert(key, std::nullopt);
    auto promise = std::make_shared<QPromise<Result<Zip>>>();
    auto *watcher = new QFutureWatcher<Result<Zip>>(this);
    connect(watcher, &QFutureWatcher<Result<Zip>>::finished, this, [this, watcher, key] {
        watcher->deleteLater();
        put(key, watcher->result());
    });
    watcher->setFuture(promise->future());
    promise->start();
    QThreadPool::globalInstance()->start([promise, archiver = m_archiver, folder = m_folder, order] {
        promise->addResult(makeZip(archiver, folder, order));
        promise->finish();
    });
}

void BundleShelf::put(const QByteArray &key, Result<Zip> zip)
{
    m_zips[key] = std::move(zip);
    QTimer::singleShot(shelfLife, this, [this, key] { m_zips.remove(key); });
    emit ready(key);
}

std::optional<Result<BundleShelf::Zip>> BundleShelf::take(const QByteArray &key)
{
    const std::optional<Result<Zip>> zip = m_zips.value(key);
    if (zip && !*zip)
        m_zips.remove(key);
    return zip;
}

ZipReply::ZipReply(BundleShelf &shelf, QByteArray key, QByteArray fileName, const http::RequestHead &head)
    : LaterReply(http::preferredWait(head).value_or(0s))
    , m_shelf(shelf)
    , m_key(std::move(key))
    , m_fileName(std::move(fileName))
    , m_head(head)
{
    connect(&shelf, &BundleShelf::ready, this, &ZipReply::onReady);
    QMetaObject::invokeMethod(this, [this] { onReady(m_key); }, Qt::QueuedConnection); // it may be there already
}

http::Response ZipReply::soFar() const
{
    http::Response response = http::jsonResponse(202, json::object({{"status", "preparing"}}));
    response.headers.add("Retry-After", "1");
    return response;
}

void ZipReply::onReady(const QByteArray &key)
{
    const auto zip = key == m_key ? m_shelf.take(m_key) : std::nullopt;
    if (!zip)
        return;
    if (!*zip) {
        emit finished(std::unexpected(problemOf(zip->error())));
        return;
    }
    auto file = std::make_shared<QFile>((*zip)->file->fileName()); // each client reads at its own place
    if (!file->open(QIODevice::ReadOnly)) {
        emit finished(std::unexpected(http::Problem{http::ProblemCode::Internal, file->errorString()}));
        return;
    }
    auto response = http::fileResponse(m_head, file, "application/zip", (*zip)->etag);
    if (response)
        response->headers.add("Content-Disposition", "attachment; filename=\"" + m_fileName + '"');
    emit finished(response);
}

} // namespace nightshift::api
