#include "script/loadscript.h"
#include "script/bundle.h"
#include "script/enginefaults.h"
#include "script/inspectsource.h"
#include "script/tokens.h"
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJSEngine>
#include <QSet>

using namespace Qt::StringLiterals;

namespace nightshift::script {

namespace {

std::unexpected<Failure> refuse(const QString &message)
{
    return failed(Failure::Kind::Script, message);
}

Result<QString> read(const QString &path, const Origins &origins)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(Error::Kind::NotFound, u"%1: %2"_s.arg(origins.shown(path), file.errorString()));
    return QString::fromUtf8(file.readAll());
}

/// Files that the source imports by a relative name.
QStringList imports(const QString &source, const QString &path)
{
    QStringList files;
    const auto all = tokens(source);
    for (size_t i = 1; i < all.size(); ++i) {
        const bool imported = all[i - 1].text == u"from" || all[i - 1].text == u"import";
        if (imported && all[i].kind == Token::Kind::String && all[i].text.sliced(1).startsWith(u'.'))
            files += QDir::cleanPath(QFileInfo(path).path() + u'/' + all[i].text.sliced(1).chopped(1));
    }
    return files;
}

/// Looks at a script and the files it imports, before any of them runs.
Result<> inspect(const QString &entry, const Origins &origins)
{
    QStringList open{entry};
    QSet<QString> seen;
    while (!open.isEmpty()) {
        const QString path = open.takeFirst();
        if (seen.contains(path) || (path != entry && !QFileInfo(path).isFile()))
            continue;
        seen.insert(path);
        const auto source = read(path, origins);
        if (!source)
            return std::unexpected(source.error());
        if (const auto fine = refuseSilentlyWrong(*source, origins.shown(path)); !fine)
            return fine;
        if (const auto lost = lostAssignments(*source); !lost.empty())
            return fail(
                Error::Kind::Invalid,
                u"%1:%2: the script engine would silently lose the assignment in what is returned here: give it "
                u"a statement of its own, or install esbuild"_s.arg(origins.shown(path))
                    .arg(lost.front().line));
        open += imports(*source, path);
    }
    return {};
}

/// The same for what went into a bundle; what packages do is their own concern, until they do it.
Result<> inspect(const Bundle &bundle, const std::function<QString(const QString &)> &shown)
{
    for (qsizetype i = 0; i < qMin(bundle.map.sources().size(), bundle.map.contents().size()); ++i) {
        const QString &path = bundle.map.sources()[i];
        if (path.contains(u"node_modules/") || path.endsWith(u'x')) // in JSX a slash may be a tag's
            continue;
        if (const auto fine = refuseSilentlyWrong(bundle.map.contents()[i], shown(path)); !fine)
            return fine;
    }
    return {};
}

/// Whether the engine could not make out the script, so that nothing of it ran.
bool couldNotParse(const QJSValue &error)
{
    const QString stack = error.property(u"stack"_s).toString();
    return stack.isEmpty() || stack.startsWith(u'@');
}

std::expected<QJSValue, Failure> loadBundle(QJSEngine &engine, const QString &path, Origins &origins)
{
    const auto shown = [&origins](const QString &name) {
        return origins.shown(QDir(origins.folder).absoluteFilePath(name));
    };
    auto made = bundle(path, shown);
    if (!made)
        return refuse(made.error().message);
    if (const auto fine = inspect(*made, shown); !fine)
        return refuse(fine.error().message);
    origins.map = std::move(made->map);
    const QJSValue ran = engine.evaluate(mendBundle(made->code), QLatin1StringView(bundleName));
    if (ran.isError())
        return std::unexpected(describeThrown(ran.toString(), ran.property(u"stack"_s).toString(), origins));
    return engine.globalObject().property(u"nightshiftScript"_s);
}

QString placeOfError(const QJSValue &error, const QString &path, const Origins &origins)
{
    const auto stack = readStack(error.property(u"stack"_s).toString(), origins);
    return stack.isEmpty() ? origins.shown(path) : stack.first();
}

} // namespace

std::expected<QJSValue, Failure> loadScript(QJSEngine &engine, const QString &path, const QJSValue &host,
                                            Origins &origins)
{
    if (!QFileInfo(path).isFile())
        return refuse(origins.shown(path) + u": there is no such file"_s);
    if (!findEsbuild().isEmpty())
        return loadBundle(engine, path, origins);
    if (mustBundle(path))
        return refuse(needsEsbuild(origins.shown(path), u"this is TypeScript"_s));
    if (const auto fine = inspect(path, origins); !fine)
        return refuse(fine.error().message);
    engine.registerModule(u"nightshift"_s, host);
    const QJSValue module = engine.importModule(path);
    if (!module.isError())
        return module;
    if (couldNotParse(module) && !engine.isInterrupted())
        return refuse(needsEsbuild(placeOfError(module, path, origins), module.toString()));
    return std::unexpected(describeThrown(module.toString(), module.property(u"stack"_s).toString(), origins));
}

} // namespace nightshift::script
