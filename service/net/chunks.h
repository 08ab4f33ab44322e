#pragma once
#include <QByteArray>

namespace nightshift::net {

/// Takes the framing off a body that comes in chunks, however it was cut; extensions and trailers are dropped, and a
/// line may end in LF alone. Source: RFC 9112, section 7.1.
class Chunks
{
public:
    /// Takes from the front of `bytes` what belongs to the body and adds it to `body`; false when these are no chunks.
    bool take(QByteArrayView &bytes, QByteArray &body);
    bool areComplete() const { return m_at == At::End; }

private:
    enum class At { Size, SizeEnd, Data, DataEnd, Trailer, End };
    bool takeFraming(char c);
    bool takeSize(char c);

    At m_at = At::Size;
    qint64 m_left = 0; ///< Of the chunk, as far as it is known.
    int m_digits = 0;
    bool m_isEmptyLine = true; ///< Of the trailer.
};

} // namespace nightshift::net
