#pragma once
#include "base/result.h"
#include "store/compression.h"
#include <QByteArrayView>
#include <memory>
#include <span>

namespace nightshift::store {

/// A log's bytes as they were when it was opened. Pages are read when they are touched; what is written to
/// them stays ours.
class MappedFile
{
public:
    /// A plain file, or its compressed form when only that is there; the plain one wins.
    static Result<std::shared_ptr<MappedFile>> open(const QString &path, const Decompress &decompress = {});
    MappedFile(char *bytes, qsizetype size)
        : m_bytes(bytes)
        , m_size(size)
    {}
    MappedFile(const MappedFile &) = delete;
    MappedFile &operator=(const MappedFile &) = delete;
    ~MappedFile();

    QByteArrayView text() const { return {m_bytes, m_size}; }
    /// The same bytes, to change in place where a copy would cost more.
    char *writable(const char *at) { return m_bytes + (at - m_bytes); }

private:
    char *m_bytes;
    qsizetype m_size;
};

} // namespace nightshift::store
