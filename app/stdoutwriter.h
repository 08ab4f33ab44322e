#pragma once
#include <QString>
#include <functional>

namespace nightshift::app {

/// Everything at once, waiting where a pipe is full. 0, or the errno that ended it.
int writeFully(int fd, QByteArrayView bytes);

/// The door to stderr for sentences, which may quote what others wrote: a line, as printable() shows it.
void sayLine(const QString &sentence);

/// The doors to stdout for text, JSON and answers. Text is shown as printable() has it. JSON and answers are given byte
/// for byte, but on a terminal, which takes parts of them for its own commands, and in the log of a CI runner, which
/// does: there JSON has more escapes, and answers are shown as text, or guarded(). 0, or the errno of writeFully().
int printText(const QString &text);
int printJson(const QByteArray &json);
QByteArray answerFor(int fd, const QString &answer);
QByteArray jsonFor(int fd, const QByteArray &json);

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
