#include "script/bundle.h"
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>
#include <sys/resource.h>

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

Result<Bundle> readBundle(QString code)
{
    static constexpr QLatin1StringView mark("//# sourceMappingURL=data:application/json;base64,");
    const qsizetype at = code.lastIndexOf(mark);
    if (at < 0)
        return fail(Error::Kind::Protocol, u"esbuild made no source map"_s);
    auto map = SourceMap::parse(QByteArray::fromBase64(QStringView(code).sliced(at + mark.size()).toLatin1()));
    if (!map)
        return std::unexpected(map.error());
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

Result<Bundle> bundle(const QString &path, const std::function<QString(const QString &)> &shown)
{
    const QFileInfo file(path);
    QProcess esbuild;
    esbuild.setWorkingDirectory(file.path()); // places are relative to it
    esbuild.setChildProcessModifier([] {      // a limit of our own memory is not meant for it
        rlimit limit;
        ::getrlimit(RLIMIT_AS, &limit);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_AS, &limit);
    });
    esbuild.start(findEsbuild(), {u"--bundle"_s, u"--target=es2016"_s, u"--format=iife"_s, u"--sourcemap=inline"_s,
                                  u"--global-name=nightshiftScript"_s, u"--external:nightshift"_s,
                                  u"--platform=neutral"_s, u"--main-fields=module,main"_s, u"--charset=utf8"_s,
                                  u"--log-level=error"_s, u"--color=false"_s, u"./"_s + file.fileName()});
    const bool ended = esbuild.waitForFinished(bundleTimeoutMs);
    if (!ended || esbuild.exitStatus() != QProcess::NormalExit)
        return fail(Error::Kind::Internal, u"%1: esbuild: %2"_s.arg(shown(file.fileName()), esbuild.errorString()));
    if (esbuild.exitCode() != 0)
        return fail(Error::Kind::Invalid, firstComplaint(QString::fromUtf8(esbuild.readAllStandardError()), shown));
    return readBundle(QString::fromUtf8(esbuild.readAllStandardOutput()));
}

} // namespace nightshift::script
