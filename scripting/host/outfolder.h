#pragma once
#include "base/result.h"
#include <QString>

namespace nightshift::host {

/// The folder of --out, held open: whoever renames it, or puts a link in its place, turns no output elsewhere.
class OutFolder
{
public:
    static Result<OutFolder> open(const QString &path);
    ~OutFolder();
    OutFolder(OutFolder &&other) noexcept;
    OutFolder &operator=(OutFolder &&) = delete;

    /// Writes a file below it by way of another one, its folders made. Denied where a link stands in the way.
    Result<> write(const QString &name, const QByteArray &bytes) const;

private:
    explicit OutFolder(int fd)
        : m_fd(fd)
    {}
    Result<> replace(int folder, const QByteArray &name, const QByteArray &bytes) const;

    int m_fd;
};

} // namespace nightshift::host
