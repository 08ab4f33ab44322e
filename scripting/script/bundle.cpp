#include "script/bundle.h"
#include "base/jsonreader.h"
#include "script/readbelow.h"
#include "script/readfence.h"
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>

using namespace Qt::StringLiterals;

namespace nightshift::script {

namespace {

constexpr int bundleTimeoutMs = 60'000; // of thousands of files; usually it takes ten

/// The first of esbuild's complaints: what it says, and where, which stands two lines below.
QString firstComplaint(const QString &output, const std::function<QString(const QString &)> &shown)
{
    const QStringList lines = output.split(u'\n');
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const qsizetype at = lines[i].indexOf(u"[ERROR] ");
        if (at < 0)
            continue;
        const QString sentence = lines[i].sliced(at + 8).trimmed();
        const QStringList place = lines.value(i + 2).trimmed().split(u':');
        return place.size() >= 3 ? u"%1:%2: %3"_s.arg(shown(place[0]), place[1], sentence) : sentence;
    }
    return output.trimmed();
}

Result<Bundle> readBundle(const QString &folder, const QString &name)
{
    QFile file(folder + u'/' + name);
    if (!file.open(QIODevice::ReadOnly))
        return fail(Error::Kind::Protocol, u"esbuild made no bundle: "_s + file.errorString());
    QString code = QString::fromUtf8(file.readAll());
    static constexpr QLatin1StringView mark("//# sourceMappingURL=data:application/json;base64,");
    const qsizetype at = code.lastIndexOf(mark);
    if (at < 0)
        return fail(Error::Kind::Protocol, u"esbuild made no source map"_s);
    auto map = SourceMap::parse(QByteArray::fromBase64(QStringView(code).sliced(at + mark.size()).toLatin1()));
    if (!map)
        return std::unexpected(map.error());
    map->startFrom(folder);
    code.truncate(at);
    return Bundle{std::move(code), std::move(*map)};
}

} // namespace

bool mustBundle(const QString &path)
{
    static const QStringList suffixes{u"ts"_s, u"mts"_s, u"cts"_s, u"tsx"_s, u"jsx"_s};
    return suffixes.contains(QFileInfo(path).suffix());
}

QString findEsbuild()
{
    return QStandardPaths::findExecutable(u"esbuild"_s);
}

QString needsEsbuild(const QString &place, const QString &complaint)
{
    return u"%1: %2: esbuild makes it something that the script engine can run, and is not installed: apt install "
           u"esbuild, or npm install --global esbuild"_s.arg(place, complaint);
}

namespace {

std::unexpected<Error> isOutside(const QString &what)
{
    return fail(Error::Kind::Denied,
                what + u"; a script reads below its own folder, after all links: allow others with --allow-read DIR"_s);
}

/// Whether all that went into the bundle lies below the folders. Behind a fence this only finds what programs are
/// read from; without one it is all there is.
Result<> checkInputs(const QString &metafile, const QString &folder, const QStringList &readable)
{
    QFile file(metafile);
    const auto told = file.open(QIODevice::ReadOnly) ? JsonDocument::parse(file.readAll())
                                                     : fail(Error::Kind::Protocol, u"esbuild told no inputs"_s);
    if (!told)
        return std::unexpected(told.error());
    for (const auto &[name, input] : told->root()["inputs"].members()) {
        if (name.startsWith("(disabled):"_L1) || name.startsWith("<data:"_L1))
            continue; // nothing was read
        const QString real = QFileInfo(QDir(folder).absoluteFilePath(name)).canonicalFilePath();
        if (real.isEmpty() || !isBelowAny(real, readable))
            return isOutside(u"the script imports "_s + name);
    }
    return {};
}

} // namespace

Result<Bundle> bundle(const QString &path, const std::function<QString(const QString &)> &shown,
                      const std::optional<QStringList> &readable)
{
    const QFileInfo file(QFileInfo(path).canonicalFilePath());
    const QTemporaryDir notes;
    const QStringList folders = canonical(readable.value_or(QStringList()));
    QStringList words{u"--bundle"_s,
                      u"--target=es2016"_s,
                      u"--format=iife"_s,
                      u"--sourcemap=inline"_s,
                      u"--global-name=nightshiftScript"_s,
                      u"--external:nightshift"_s,
                      u"--platform=neutral"_s,
                      u"--main-fields=module,main"_s,
                      u"--charset=utf8"_s,
                      u"--log-level=error"_s,
                      u"--color=false"_s,
                      u"--metafile="_s + notes.filePath(u"inputs.json"_s),
                      u"--outfile="_s + notes.filePath(u"bundle.js"_s),
                      u"./"_s + file.fileName()};
    QProcess esbuild;
    esbuild.setWorkingDirectory(file.path()); // places are relative to it
    ReadFence fence(findEsbuild());
    if (readable && !fence.raise(folders, notes.path()))
        words.push_front(u"--tsconfig-raw={}"_s); // whose `extends` could be any file, and is no input
    fence.start(esbuild, words);
    const bool ended = esbuild.waitForFinished(bundleTimeoutMs);
    if (!ended || esbuild.exitStatus() != QProcess::NormalExit)
        return fail(Error::Kind::Internal, u"%1: esbuild: %2"_s.arg(shown(file.fileName()), esbuild.errorString()));
    if (esbuild.exitCode() != 0) {
        const QString why = firstComplaint(QString::fromUtf8(esbuild.readAllStandardError()), shown);
        const bool isKept = why.contains("Could not resolve"_L1) || why.contains("permission denied"_L1);
        if (isKept && readable)
            return isOutside(why);
        return fail(Error::Kind::Invalid, why);
    }
    if (readable) {
        if (const auto fine = checkInputs(notes.filePath(u"inputs.json"_s), file.path(), folders); !fine)
            return std::unexpected(fine.error());
    }
    return readBundle(notes.path(), u"bundle.js"_s);
}

} // namespace nightshift::script
