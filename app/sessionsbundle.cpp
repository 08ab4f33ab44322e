#include "app/exitcodes.h"
#include "app/sessionchoice.h"
#include "app/sessionstask.h"
#include "app/stdoutwriter.h"
#include "engine/sessionbundle.h"
#include "isolation/isolatedtree.h"
#include "store/bundleimport.h"
#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QTemporaryFile>
#include <cstring>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// Stdout, which may be a pipe.
class OutputPipe : public QIODevice
{
public:
    bool isSequential() const override { return true; }

protected:
    qint64 readData(char *, qint64) override { return -1; }
    qint64 writeData(const char *data, qint64 length) override
    {
        const int error = writeFully(STDOUT_FILENO, QByteArrayView(data, length));
        if (error == 0)
            return length;
        setErrorString(QString::fromLocal8Bit(::strerror(error)));
        return -1;
    }
};

Result<store::BundleFormat> formatOf(const SessionsTask &task)
{
    const QString output = task.value("output");
    const QString format = task.has("format")           ? task.value("format")
                           : output.endsWith(".zip"_L1) ? u"zip"_s
                                                        : u"tar.gz"_s;
    if (format != "tar.gz"_L1 && format != "zip"_L1)
        return fail(Error::Kind::Usage, u"the formats are tar.gz and zip; '%1' is none"_s.arg(format));
    return format == "zip"_L1 ? store::BundleFormat::Zip : store::BundleFormat::TarGz;
}

Result<engine::BundleOrder> orderOf(const SessionsTask &task)
{
    engine::BundleOrder order{.stateDir = task.state(), .decompress = decompressor()};
    for (const QString &part : task.value("include").split(u',', Qt::SkipEmptyParts)) {
        if (part != "files"_L1 && part != "cassette"_L1)
            return fail(Error::Kind::Usage, u"--include takes files and cassette; '%1' is neither"_s.arg(part));
        order.files |= part == "files"_L1;
        order.cassette |= part == "cassette"_L1;
    }
    const Result<store::SessionFile> file = task.session(task.words[0]);
    if (!file)
        return std::unexpected(file.error());
    order.session = *file;
    if (const auto tree = isolation::IsolatedTree::ofSession(task.state(), file->id))
        order.isolatedDiff = tree->folder() + u"/result.patch"_s;
    if (task.has("redact")) {
        QStringList environment;
        for (char **variable = environ; *variable; ++variable)
            environment += QString::fromLocal8Bit(*variable);
        order.mask.emplace(llm::knownSecrets(task.settings, environment));
    }
    return order;
}

Result<> write(const store::Bundle &bundle, store::BundleFormat format, QIODevice &to)
{
    const auto writing = archiver().write(bundle, format, to);
    if (!writing)
        return std::unexpected(writing.error());
    return store::finish(**writing);
}

/// Whole or not at all.
Result<> writeFile(const store::Bundle &bundle, store::BundleFormat format, const QString &path)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return fail(Error::Kind::Denied, u"cannot write %1: %2"_s.arg(path, file.errorString()));
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner); // it holds a whole session
    if (const Result<> written = write(bundle, format, file); !written)
        return written;
    if (!file.commit())
        return fail(Error::Kind::DiskFull, u"cannot write %1: %2"_s.arg(path, file.errorString()));
    return {};
}

Result<> writeToStdout(const store::Bundle &bundle, store::BundleFormat format)
{
    OutputPipe out;
    out.open(QIODevice::WriteOnly | QIODevice::Unbuffered);
    if (format == store::BundleFormat::TarGz)
        return write(bundle, format, out);
    QTemporaryFile file; // a zip is not written from its beginning to its end
    if (!file.open())
        return fail(Error::Kind::Denied, u"cannot make a temporary file: "_s + file.errorString());
    if (const Result<> written = write(bundle, format, file); !written)
        return written;
    file.seek(0);
    while (!file.atEnd()) {
        const QByteArray piece = file.read(1 << 18);
        if (piece.isEmpty() || out.write(piece) != piece.size())
            return fail(Error::Kind::DiskFull, u"cannot write the bundle: "_s + out.errorString());
    }
    return {};
}

} // namespace

Result<int> exportSession(const SessionsTask &task)
{
    const Result<store::BundleFormat> format = formatOf(task);
    if (!format)
        return std::unexpected(format.error());
    if (!task.has("output") && ::isatty(STDOUT_FILENO))
        return fail(Error::Kind::Usage, u"stdout is a terminal; name a file with -o, or send the bundle elsewhere"_s);
    auto order = orderOf(task);
    if (!order)
        return std::unexpected(order.error());
    const auto bundle = engine::makeBundle(std::move(*order));
    if (!bundle)
        return std::unexpected(bundle.error());
    const Result<> written =
        task.has("output") ? writeFile(*bundle, *format, task.value("output")) : writeToStdout(*bundle, *format);
    if (!written)
        return std::unexpected(written.error());
    return int(ExitCode::Success);
}

/// `-` is stdin, which goes to a file first: whether it is a bundle shows at its end.
static Result<store::Imported> takeBundle(const SessionsTask &task)
{
    const QString &word = task.words[0];
    if (word != "-"_L1)
        return store::importBundle(task.state(), word, archiver(), decompressor());
    QTemporaryFile file;
    QFile in;
    if (!file.open() || !in.open(STDIN_FILENO, QIODevice::ReadOnly))
        return fail(Error::Kind::Denied, u"cannot make a temporary file: "_s + file.errorString());
    while (true) {
        const QByteArray piece = in.read(1 << 18);
        if (piece.isEmpty())
            break;
        if (file.write(piece) != piece.size())
            return fail(Error::Kind::DiskFull, u"cannot write %1: %2"_s.arg(file.fileName(), file.errorString()));
    }
    file.flush();
    return store::importBundle(task.state(), file.fileName(), archiver(), decompressor());
}

Result<int> importSession(const SessionsTask &task)
{
    const auto imported = takeBundle(task);
    if (!imported)
        return failAt(task.words[0], imported.error());
    QString said = imported->known ? u"session %1 is here already\n"_s.arg(imported->id)
                                   : u"imported session %1\n"_s.arg(imported->id);
    printText(said);
    if (!imported->known && !QDir(imported->cwd).exists()) {
        said = u"It worked in %1, which is not here: go on with it in another folder, `exec -C DIR resume %2`."_s.arg(
            imported->cwd, imported->id);
        sayLine(said);
    }
    return int(ExitCode::Success);
}

} // namespace nightshift::app
