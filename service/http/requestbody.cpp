#include "requestbody.h"
#include <cerrno>

using namespace Qt::StringLiterals;

namespace nightshift::http {

RequestBody::RequestBody(const RequestHead &head, qint64 maxBytes, Place place, Hash hash, const QString &folder)
    : m_reader(head, maxBytes)
{
    if (place == Place::Disk)
        m_file = std::make_shared<QTemporaryFile>(folder + u"/upload-XXXXXX"_s); // Qt makes it 0600
    if (hash == Hash::Sha256)
        m_hash = std::make_unique<QCryptographicHash>(QCryptographicHash::Sha256);
}

Judged<void> RequestBody::take(QByteArray &received)
{
    const auto piece = m_reader.take(received);
    if (!piece)
        return std::unexpected(piece.error());
    if (m_hash)
        m_hash->addData(*piece);
    if (!m_file) {
        m_bytes += *piece;
        return {};
    }
    const bool written = (m_file->isOpen() || m_file->open()) && m_file->write(*piece) == piece->size() &&
                         (!isComplete() || m_file->seek(0)); // which flushes
    if (!written) {
        const bool full = errno == ENOSPC || errno == EDQUOT;
        return std::unexpected(Problem{full ? ProblemCode::DiskFull : ProblemCode::Internal,
                                       u"the upload cannot be stored: %1"_s.arg(m_file->errorString())});
    }
    return {};
}

} // namespace nightshift::http
