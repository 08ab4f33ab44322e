#include "stdoutwriter.h"
#include "base/jsonreader.h"
#include "base/showntext.h"
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace nightshift::app {

int writeFully(int fd, QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        const ssize_t written = ::write(fd, bytes.data(), size_t(bytes.size()));
        if (written >= 0) {
            bytes = bytes.sliced(written);
        } else if (errno == EAGAIN) { // somebody else made the shared pipe non-blocking
            pollfd room{fd, POLLOUT, 0};
            poll(&room, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

void sayLine(const QString &sentence)
{
    writeFully(STDERR_FILENO, printable(sentence).toUtf8() + '\n');
}

int printText(const QString &text)
{
    return writeFully(STDOUT_FILENO, printable(text).toUtf8());
}

int printJson(const QByteArray &json)
{
    return writeFully(STDOUT_FILENO, jsonFor(STDOUT_FILENO, json));
}

QByteArray jsonFor(int fd, const QByteArray &json)
{
    return shownJson(json, isatty(fd) == 1 ? Reader::Terminal : Reader::Program);
}

QByteArray answerFor(int fd, const QString &answer)
{
    if (isatty(fd) == 1)
        return printable(answer).toUtf8();
    const QByteArray bytes = answer.toUtf8();
    const bool isJson =
        runner().isThere && (bytes.startsWith('{') || bytes.startsWith('[')) && JsonDocument::parse(bytes).has_value();
    return isJson ? shownJson(bytes, Reader::Program) : guarded(bytes, runner());
}

void openMissingStandardStreams()
{
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            (void)open("/dev/null", O_RDWR); // takes the lowest free number, which is fd
    }
}

StdoutWriter::StdoutWriter(std::function<void(int)> failed, int fd)
    : m_failed(std::move(failed))
    , m_fd(fd)
{}

void StdoutWriter::writeLine(QByteArrayView line)
{
    QByteArray whole;
    whole.reserve(line.size() + 1);
    whole.append(line).append('\n');
    write(whole);
}

void StdoutWriter::write(QByteArrayView bytes)
{
    if (m_hasFailed)
        return;
    if (const int error = writeFully(m_fd, bytes)) {
        m_hasFailed = true;
        m_failed(error);
    }
}

} // namespace nightshift::app
