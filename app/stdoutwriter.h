#pragma once
#include <QByteArray>
#include <functional>

namespace nightshift::app {

/// Everything at once, waiting where a pipe is full. 0, or the errno that ended it.
int writeFully(int fd, QByteArrayView bytes);

/// Opens /dev/null for each of stdin, stdout and stderr that the caller closed, so that no other file
/// takes its number and receives what was meant for it. To be called before anything is opened.
void openMissingStandardStreams();

/// The only writer to stdout. Each line leaves in one write, so that a reader sees it at once and whole.
/// After the first failed write nothing more is written and `failed` is called, once, with the errno:
/// EPIPE when the reader is gone (SIGPIPE must be ignored), ENOSPC when a disk is full.
class StdoutWriter
{
public:
    explicit StdoutWriter(std::function<void(int)> failed, int fd = 1);
    StdoutWriter(const StdoutWriter &) = delete;
    StdoutWriter &operator=(const StdoutWriter &) = delete;

    void writeLine(QByteArrayView line); ///< Without its line end.
    void write(QByteArrayView bytes);
    bool hasFailed() const { return m_hasFailed; }

private:
    std::function<void(int)> m_failed;
    int m_fd;
    bool m_hasFailed = false;
};

} // namespace nightshift::app
