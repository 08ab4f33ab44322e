#include "batchcommand.h"
#include "app/batchcontrol.h"
#include "app/exitcodes.h"
#include "app/modules.h"
#include "app/progresssignal.h"
#include "app/stdoutwriter.h"
#include "app/terminaltext.h"
#include "app/unixsignals.h"
#include "base/boundedfile.h"
#include "batch/batchmodule.h"
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <dlfcn.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// Lines at the bottom of the terminal, drawn over each time; what is said in between stands above them.
class Board
{
public:
    void draw(const QStringList &lines)
    {
        QByteArray bytes = erase();
        for (const QString &line : lines)
            bytes += "\x1b[2K" + printable(line).left(widest).toUtf8() + '\n';
        m_lines = lines;
        writeFully(STDERR_FILENO, bytes);
    }

    void say(const QString &line)
    {
        const QStringList board = std::exchange(m_lines, {});
        writeFully(STDERR_FILENO, eraseLines(board.size()) + printable(line).toUtf8() + '\n');
        if (!board.isEmpty())
            draw(board);
    }

private:
    static constexpr qsizetype widest = 79; // a line that wraps would be two to erase

    QByteArray erase() { return eraseLines(m_lines.size()); }
    static QByteArray eraseLines(qsizetype count)
    {
        return count == 0 ? QByteArray() : "\x1b[" + QByteArray::number(count) + "A\x1b[J";
    }

    QStringList m_lines;
};

int refuse(const QString &message, int exitCode = int(ExitCode::Failure))
{
    sayLine(u"Error: "_s + message);
    return exitCode;
}

/// 1 says that items failed; what was wrong before the first of them is the caller's.
int exitCodeOf(const Error &error)
{
    using Kind = Error::Kind;
    const bool isGiven = error.kind == Kind::Usage || error.kind == Kind::Invalid || error.kind == Kind::NotFound;
    return int(isGiven ? ExitCode::Usage : ExitCode::Failure);
}

template <typename Function>
Result<Function *> fromModule(const QString &name, const char *symbol)
{
    void *module = ::dlopen(QFile::encodeName(modulePath(name)).constData(), RTLD_LAZY | RTLD_LOCAL);
    auto *start = module ? reinterpret_cast<Function *>(::dlsym(module, symbol)) : nullptr;
    if (!start)
        return fail(Error::Kind::Internal,
                    u"the batch module cannot be loaded: "_s + QString::fromLocal8Bit(::dlerror()));
    return start;
}

/// The folder of a batch that the word names by id or by folder; empty when it is a script.
QString keptFolder(const QString &word, const QString &state)
{
    const auto isBatch = [](const QString &folder) { return QFile::exists(folder + "/.nightshift/spec.json"_L1); };
    if (isBatch(word))
        return QDir::cleanPath(QDir::current().absoluteFilePath(word));
    if (word.isEmpty() || word.contains(u'/'))
        return {};
    const auto pointer = readBounded(state + "/batches/"_L1 + word, fileuse::record);
    const QString folder = QString::fromUtf8(pointer.value_or(QByteArray())).trimmed();
    return !folder.isEmpty() && isBatch(folder) ? folder : QString();
}

/// The order with what only we know of where it was given.
batch::BatchOrder completed(batch::BatchOrder order, const QString &state)
{
    order.folder = QDir::currentPath();
    order.argv = QCoreApplication::arguments().mid(1);
    order.program = QCoreApplication::applicationFilePath();
    if (const QString kept = keptFolder(order.script, state); !kept.isEmpty()) {
        const QString script = kept + "/.nightshift/script.ts"_L1;
        order.input = kept + "/.nightshift/spec.json"_L1;
        order.script = QFileInfo(script).canonicalFilePath(); // of the command line it is a link
    }
    if (!order.script.isEmpty())
        order.script = QDir::cleanPath(QDir(order.folder).absoluteFilePath(order.script));
    return order;
}

int printTypes()
{
    const auto types = fromModule<batch::ScriptTypes>(u"nightshift-batchscript"_s, batch::scriptTypesSymbol);
    if (!types)
        return refuse(types.error().message);
    return writeFully(STDOUT_FILENO, (*types)()) == 0 ? int(ExitCode::Success) : int(ExitCode::OutputGone);
}

} // namespace

int runBatch(const BatchOptions &options)
{
    if (options.order.command == batch::BatchOrder::Command::Types)
        return printTypes();
    auto lending = Lending::make(options.settings, options.tape);
    if (!lending)
        return refuse(lending.error().message, lending.error().exitCode);
    const bool runs = options.order.command == batch::BatchOrder::Command::Run;
    if (const auto key = runs ? (*lending)->resolveKey() : Result<>(); !key)
        return refuse(key.error().message);
    return carryOut(options.order, **lending, [](const QByteArray &bytes) {
        const bool isJson = bytes.startsWith('{') || bytes.startsWith('[');
        std::ignore = isJson ? printJson(bytes) : writeFully(STDOUT_FILENO, bytes);
    });
}

int carryOut(batch::BatchOrder order, const Lending &lending, std::function<void(const QByteArray &bytes)> print)
{
    const Settings &defaults = lending.surroundings().defaults;
    order = completed(std::move(order), defaults.home.state);
    const QString module = order.script.isEmpty() ? u"nightshift-batch"_s : u"nightshift-batchscript"_s;
    Board board;
    batch::BatchCallbacks callbacks{.print = std::move(print),
                                    .say = [&board](const QString &line) { board.say(line); },
                                    .draw = {},
                                    .ended = [](int exitCode) { QCoreApplication::exit(exitCode); },
                                    .watch = {}};
    const bool isWatched = BatchControl::isWatched();
    if (isWatched) {
        auto watch = BatchControl::begin(defaults.cwd, defaults.home.state, order);
        if (!watch)
            return refuse(watch.error().message);
        callbacks.watch = std::move(*watch);
        callbacks.print = [](const QByteArray &bytes) { BatchControl::tell("result", {bytes.trimmed()}); };
    } else if (isLiveTerminal(STDERR_FILENO)) {
        callbacks.draw = [&board](const QStringList &lines) { board.draw(lines); };
    }
    const auto start = fromModule<batch::StartBatch>(module, batch::startBatchSymbol);
    if (!start)
        return refuse(start.error().message);
    UnixSignals unixSignals;
    ProgressSignal progressSignal;
    Error error;
    const std::unique_ptr<batch::RunningBatch> running((*start)(order, lending.surroundings(), callbacks, &error));
    if (!running)
        return refuse(error.message, exitCodeOf(error));
    QObject::connect(&unixSignals, &UnixSignals::received, &unixSignals,
                     [&running](int signal) { running->stop(signal); });
    QObject::connect(&progressSignal, &ProgressSignal::received, &progressSignal,
                     [&running] { running->showProgress(); });
    std::optional<BatchControl> control;
    if (isWatched)
        control.emplace(*running);
    return QCoreApplication::exec();
}

} // namespace nightshift::app
