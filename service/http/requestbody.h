#pragma once
#include "http/bodyreader.h"
#include <QCryptographicHash>
#include <QTemporaryFile>
#include <memory>

namespace nightshift::http {

/// A body while it arrives: kept in memory, or in a file that goes away with its last user.
class RequestBody
{
public:
    enum class Place { Memory, Disk };
    enum class Hash { No, Sha256 };

    /// `folder` is where files are made; they are for this user only.
    RequestBody(const RequestHead &head, qint64 maxBytes, Place place, Hash hash, const QString &folder);

    /// Takes what belongs to it from the front of `received`.
    Judged<void> take(QByteArray &received);
    bool isComplete() const { return m_reader.isComplete(); }

    QByteArray bytes() const { return m_bytes; }
    std::shared_ptr<QTemporaryFile> file() const { return m_file; }
    QByteArray sha256() const { return m_hash ? m_hash->result() : QByteArray(); }

private:
    BodyReader m_reader;
    QByteArray m_bytes;
    std::shared_ptr<QTemporaryFile> m_file;
    std::unique_ptr<QCryptographicHash> m_hash;
};

} // namespace nightshift::http
