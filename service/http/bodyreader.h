#pragma once
#include "http/requesthead.h"

namespace nightshift::http {

/// Takes a body off the wire: by its length, or in chunks whose extensions and trailers are dropped. Counts
/// what it gives, and refuses more than `maxBytes` as soon as that is known. Source: RFC 9112, sections 6 and 7.
class BodyReader
{
public:
    BodyReader() = default;
    BodyReader(const RequestHead &head, qint64 maxBytes);

    /// Takes from the front of `received` what belongs to the body and gives it decoded. More may follow
    /// until isComplete().
    Judged<QByteArray> take(QByteArray &received);
    bool isComplete() const { return m_state == State::Complete; }

private:
    enum class State { Plain, ChunkSize, ChunkData, ChunkEnd, Trailer, Complete };

    Judged<void> takeLine(QByteArray &received, bool &found);
    Judged<void> readLine(QByteArrayView line);
    QByteArray takeData(QByteArray &received);
    std::unexpected<Problem> tooLarge() const;

    State m_state = State::Complete;
    qint64 m_left = 0; ///< Of the body, or of this chunk.
    qint64 m_taken = 0;
    qint64 m_maxBytes = 0;
    qsizetype m_trailerBytes = 0;
};

} // namespace nightshift::http
