#include "tools/commandrun.h"
#include "tools/log.h"
#include "tools/openfiles.h"
#include <QFile>
#include <QPointer>
#include <QProcess>
#include <QSocketNotifier>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

/// What one read takes at most: all that fits into the pipe.
constexpr qsizetype chunkBytes = 1 << 20;
/// The helper's exit code for a command that was never run, and how its words about that begin.
constexpr int neverRanCode = 125;
constexpr auto neverRanMark = "nightshift-sandbox: "_L1;

namespace {
/// A descriptor that is closed when its owner is.
class Descriptor
{
public:
    Descriptor() = default;
    ~Descriptor() { reset(); }
    Q_DISABLE_COPY_MOVE(Descriptor)
    void reset(int fd = -1)
    {
        if (m_fd >= 0)
            close(m_fd);
        m_fd = fd;
    }
    int get() const { return m_fd; }

private:
    int m_fd = -1;
};
} // namespace

struct CommandRun::Private
{
    explicit Private(CommandRun *run)
        : q(run)
    {}
    QString openOutput(bool tty);
    void start(const Sandbox::Launch &launch, const Options &options);
    bool readOnce();
    void onReadable();
    void writePending();
    void onFinished();
    void onFailedStart();
    void end(const CommandEnd &how);

    CommandRun *const q;
    QProcess *process = nullptr; // our helper; its standard input is the lifeline
    Descriptor ours;             // where output comes from: a pipe's end or the terminal's master
    Descriptor theirs;           // the other side, until the helper has it
    QSocketNotifier *notifier = nullptr;
    QSocketNotifier *writable = nullptr; // of a terminal
    QByteArray pending;                  // typed, and not yet taken by the terminal
    bool isDrained = false;
    QByteArray chunk;
    bool isTerminal = false;
    bool isKilled = false;
    bool isOver = false;
};

/// Returns the path of the terminal's slave, or nothing for a pipe.
QString CommandRun::Private::openOutput(bool tty)
{
    isTerminal = tty;
    if (!tty) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) == 0) {
            ours.reset(ends[0]);
            theirs.reset(ends[1]);
        }
        return {};
    }
    ours.reset(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    char path[64] = {};
    if (grantpt(ours.get()) != 0 || unlockpt(ours.get()) != 0 || ptsname_r(ours.get(), path, sizeof path) != 0)
        return {};
    const winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    ioctl(ours.get(), TIOCSWINSZ, &size);
    theirs.reset(open(path, O_RDWR | O_NOCTTY | O_CLOEXEC));
    return QString::fromLatin1(path);
}

void CommandRun::Private::start(const Sandbox::Launch &launch, const Options &options)
{
    process = new QProcess(q);
    process->setProgram(launch.program);
    process->setArguments(launch.arguments);
    process->setWorkingDirectory(u"/"_s); // the command's own folder may be gone; the helper says so then
    process->setEnvironment(options.environment);
    process->setProcessChannelMode(QProcess::ForwardedOutputChannel); // stderr is for the helper's own words
    // vfork copies no page tables; its own session keeps the helper out of reach of our terminal's ^C.
    process->setUnixProcessParameters(QProcess::UnixProcessFlag::UseVFork |
                                      QProcess::UnixProcessFlag::CreateNewSession |
                                      QProcess::UnixProcessFlag::ResetSignalHandlers);
    process->setChildProcessModifier([output = theirs.get()] {
        dup2(output, STDOUT_FILENO);
        restoreOpenFiles();
    });
    // Queued: a failed start is told from inside start(), when nobody can have connected to us yet.
    connect(process, &QProcess::finished, q, [this] { onFinished(); }, Qt::QueuedConnection);
    connect(process, &QProcess::errorOccurred, q, [this] { onFailedStart(); }, Qt::QueuedConnection);
    process->start();
    qCDebug(toolsLog, "command started as %lld", process->processId());
    theirs.reset();
    if (!options.input.isEmpty())
        process->write(options.input);
}

/// False when there is nothing more for now, or nobody is left to read for.
bool CommandRun::Private::readOnce()
{
    chunk.resize(chunkBytes); // no allocation unless a listener kept the last one
    const ssize_t size = read(ours.get(), chunk.data(), size_t(chunk.size()));
    if (size <= 0) {
        isDrained = size == 0 || (errno != EAGAIN && errno != EINTR); // a terminal ends with EIO
        if (isDrained)
            chunk = {};
        return size < 0 && errno == EINTR;
    }
    chunk.resize(size);
    const QPointer<CommandRun> alive(q);
    emit q->output(chunk);
    return alive != nullptr; // a listener may have had enough of us
}

void CommandRun::Private::onReadable()
{
    const QPointer<CommandRun> alive(q);
    readOnce();
    if (!alive)
        return;
    if (isDrained)
        notifier->setEnabled(false);
}

void CommandRun::Private::writePending()
{
    const ssize_t size = ::write(ours.get(), pending.constData(), size_t(pending.size()));
    if (size > 0)
        pending.remove(0, size);
    else if (size < 0 && errno != EAGAIN && errno != EINTR)
        pending.clear(); // nobody reads there any more
    writable->setEnabled(!pending.isEmpty());
}

void CommandRun::Private::onFinished()
{
    if (isOver)
        return;
    const QPointer<CommandRun> alive(q);
    while (readOnce()) { // nobody is left to write: what is in the pipe is all
    }
    if (!alive)
        return;
    const QString words = QString::fromLocal8Bit(process->readAllStandardError());
    if (isKilled)
        end({});
    else if (process->exitStatus() == QProcess::CrashExit)
        end({.exitCode = 128 + process->exitCode()}); // somebody killed our helper
    else if (process->exitCode() == neverRanCode && words.contains(neverRanMark))
        end({.error = Sandbox::failure(words)});
    else
        end({.exitCode = process->exitCode()});
}

void CommandRun::Private::onFailedStart()
{
    if (process->error() != QProcess::FailedToStart || isOver)
        return;
    end({.error = Error{Error::Kind::Internal,
                        u"%1 could not be started: %2"_s.arg(process->program(), process->errorString())}});
}

void CommandRun::Private::end(const CommandEnd &how)
{
    isOver = true;
    qCDebug(toolsLog, "command ended");
    notifier->setEnabled(false);
    if (writable)
        writable->setEnabled(false);
    emit q->finished(how);
}

CommandRun::CommandRun(const Sandbox &sandbox, Options options, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{
    const QString slave = d->openOutput(options.tty);
    fcntl(d->ours.get(), F_SETFL, O_NONBLOCK);
    d->notifier = new QSocketNotifier(d->ours.get(), QSocketNotifier::Read, this);
    connect(d->notifier, &QSocketNotifier::activated, this, [this] { d->onReadable(); });
    if (options.tty) {
        d->writable = new QSocketNotifier(d->ours.get(), QSocketNotifier::Write, this);
        d->writable->setEnabled(false);
        connect(d->writable, &QSocketNotifier::activated, this, [this] { d->writePending(); });
    }
    d->start(sandbox.launch(options.argv, options.cwd, options.tty ? 0 : options.input.size(), slave), options);
}

CommandRun::~CommandRun()
{
    // The helper outlives us for the moment it takes to kill the tree; QProcess would kill the helper itself.
    QProcess *left = d->process;
    left->disconnect(this);
    if (left->state() == QProcess::NotRunning)
        return;
    left->setParent(nullptr);
    connect(left, &QProcess::finished, left, &QObject::deleteLater);
    left->closeWriteChannel();
}

void CommandRun::write(const QByteArray &bytes)
{
    if (!d->isTerminal || d->isOver)
        return;
    d->pending += bytes;
    d->writePending();
}

void CommandRun::interrupt()
{
    if (d->isOver)
        return;
    if (d->isTerminal)
        ioctl(d->ours.get(), TIOCSIG, SIGINT);
    else if (d->process->processId() > 0)
        ::kill(pid_t(d->process->processId()), SIGINT);
}

void CommandRun::kill()
{
    d->isKilled = true;
    d->process->closeWriteChannel();
}

} // namespace nightshift::tools
