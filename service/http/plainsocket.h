#pragma once
#include <QTcpSocket>

namespace nightshift::http {

/// A socket that can give its read buffer back, which is 16 KB from the first byte on and would stay with every client
/// that only listens.
class PlainSocket final : public QTcpSocket
{
public:
    /// When nothing waits in it. A new one is made when something comes.
    void letReadBufferGo()
    {
        if (bytesAvailable() > 0)
            return;
        const OpenMode mode = openMode();
        setOpenMode(mode & ~OpenMode(ReadOnly)); // frees what belongs to reading
        setOpenMode(mode);
    }
};

} // namespace nightshift::http
