#pragma once
#include "engine/sessionbundle.h"
#include "http/route.h"
#include <QHash>
#include <QObject>
#include <QTemporaryFile>

namespace nightshift::api {

/// Zip archives that clients asked for: made in the pool, for zip is not written from its beginning to its end, and
/// kept for a while, so that whoever was told to come again finds it done.
class BundleShelf : public QObject
{
    Q_OBJECT

public:
    /// Files are made in `folder`, for this user only.
    BundleShelf(QString folder, store::Archiver archiver);

    const store::Archiver &archiver() const { return m_archiver; }

    struct Zip
    {
        std::shared_ptr<QTemporaryFile> file;
        QByteArray etag;
    };
    /// Begins to make it unless it is there or under way. `key` tells apart what is bundled, and as of when.
    void prepare(const QByteArray &key, const engine::BundleOrder &order);
    /// Absent while it is made; an error is told once.
    std::optional<Result<Zip>> take(const QByteArray &key);

signals:
    void ready(const QByteArray &key);

private:
    void put(const QByteArray &key, Result<Zip> zip);

    QString m_folder;
    store::Archiver m_archiver;
    QHash<QByteArray, std::optional<Result<Zip>>> m_zips;
};

/// Waits for a zip as long as its client prefers.
class ZipReply : public http::LaterReply
{
    Q_OBJECT

public:
    ZipReply(BundleShelf &shelf, QByteArray key, QByteArray fileName, const http::RequestHead &head);
    http::Response soFar() const override;

private:
    void onReady(const QByteArray &key);

    BundleShelf &m_shelf;
    QByteArray m_key;
    QByteArray m_fileName;
    http::RequestHead m_head;
};

} // namespace nightshift::api
