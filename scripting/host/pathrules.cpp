#include "host/pathrules.h"
#include "script/readbelow.h"
#include "tools/sandbox.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::host {

namespace {

/// Without symbolic links, also of a file that is not there yet. A link that leads nowhere stands for itself.
QString realPath(const QString &path)
{
    const QFileInfo file(path);
    if (file.exists())
        return file.canonicalFilePath();
    const QString parent = file.path();
    return parent == path ? path : realPath(parent) + u'/' + file.fileName();
}

} // namespace

QStringList PathRules::folders() const
{
    return QStringList{folder, out} + readable;
}

Result<QString> PathRules::input(const QString &path) const
{
    const QString real = realPath(QDir::cleanPath(QDir(folder).absoluteFilePath(path)));
    if (script::isBelowAny(real, script::canonical(folders())))
        return real;
    return fail(Error::Kind::Denied,
                u"%1 lies outside of the script's folder: allow it with --allow-read DIR"_s.arg(path));
}

Result<QByteArray> PathRules::read(const QString &path) const
{
    const auto real = input(path);
    return real ? script::readBelow(*real, script::canonical(folders()), path) : std::unexpected(real.error());
}

Result<QString> PathRules::outputPath(const QString &path) const
{
    const QString absolute = QDir::cleanPath(QDir(out).absoluteFilePath(path));
    if (!absolute.startsWith(out + u'/'))
        return fail(Error::Kind::Denied, u"%1 lies outside of %2, where outputs go (--out)"_s.arg(path, out));
    const QStringList names = tools::Sandbox::protectedNames({});
    for (const QString &step : absolute.sliced(out.size()).split(u'/')) {
        if (names.contains(step))
            return fail(Error::Kind::Denied,
                        u"%1: no output goes to %2, where others look for settings and journals"_s.arg(path, step));
    }
    return absolute;
}

Result<QString> PathRules::output(const QString &path) const
{
    const auto absolute = outputPath(path);
    if (!absolute)
        return absolute;
    QDir().mkpath(QFileInfo(*absolute).path());
    if (QFileInfo(*absolute).isSymLink() || !script::isBelowAny(realPath(*absolute), script::canonical({out})))
        return fail(Error::Kind::Denied, u"%1 leads outside of %2, where outputs go (--out)"_s.arg(path, out));
    return absolute;
}

Result<QString> PathRules::write(const QString &path, const QByteArray &bytes) const
{
    const auto absolute = outputPath(path);
    if (!absolute || !held)
        return absolute;
    const auto written = held->write(absolute->sliced(out.size() + 1), bytes);
    return written ? absolute : std::unexpected(written.error());
}

Result<> PathRules::settle(batch::Options &options) const
{
    options.cwd = QDir::cleanPath(QDir(folder).absoluteFilePath(options.cwd));
    for (const QString &name : options.attachments + options.inputs) {
        if (const auto path = input(QDir(options.cwd).absoluteFilePath(name)); !path)
            return std::unexpected(path.error());
    }
    return {};
}

} // namespace nightshift::host
