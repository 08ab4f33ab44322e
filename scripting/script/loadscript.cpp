#include "script/loadscript.h"
#include "script/bundle.h"
#include "script/enginefaults.h"
#include "script/inspectsource.h"
#include "script/readbelow.h"
#include "script/tokens.h"
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJSEngine>
#include <QSet>
#include <QTemporaryDir>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace nightshift::script {

namespace {

std::unexpected<Failure> refuse(const QString &message)
{
    return failed(Failure::Kind::Script, message);
}

/// What the engine would load for an import in a file, by its own rule, which is that of URLs; empty for the host
/// module. Invalid where that cannot be told.
Result<QString> importedFile(const QString &literal, const QString &path)
{
    if (literal.contains(u'\\') || literal.contains(u'%'))
        return fail(Error::Kind::Invalid,
                    u"the import %1 cannot be followed: write it without \\ and %"_s.arg(literal));
    const QString name = literal.sliced(1).chopped(1);
    if (name == "nightshift"_L1)
        return QString();
    const QUrl url = QUrl::fromLocalFile(path).resolved(QUrl(name));
    if (!url.isLocalFile() || !url.host().isEmpty() || name.startsWith(u'/') || name.contains(u':'))
        return fail(Error::Kind::Invalid,
                    u"the import %1 cannot be followed: write it relative to the file"_s.arg(literal));
    return QDir::cleanPath(url.toLocalFile());
}

Result<QStringList> imports(const QString &source, const QString &path)
{
    QStringList files;
    const auto all = tokens(source);
    for (size_t i = 1; i < all.size(); ++i) {
        const bool imported = all[i - 1].text == u"from" || all[i - 1].text == u"import";
        if (!imported || all[i].kind != Token::Kind::String)
            continue;
        const auto file = importedFile(all[i].text, path);
        if (!file)
            return std::unexpected(file.error());
        if (!file->isEmpty())
            files += *file;
    }
    return files;
}

/// The files of a script that is run as it stands: looked at before any of them runs, and copied below a folder, so
/// that what was looked at is what is run.
class Stage
{
public:
    Stage(const Origins &origins, const std::optional<QStringList> &readable)
        : m_origins(origins)
        , m_readable(canonical(readable.value_or(QStringList{u"/"_s})))
    {}

    QString folder() const { return m_folder.path(); }
    Result<> take(const QString &entry)
    {
        QStringList open{entry};
        QSet<QString> seen;
        while (!open.isEmpty()) {
            const QString path = open.takeFirst();
            if (seen.contains(path) || (path != entry && !QFileInfo(path).isFile()))
                continue;
            seen.insert(path);
            const auto more = takeOne(path);
            if (!more)
                return std::unexpected(more.error());
            open += *more;
        }
        return {};
    }

private:
    /// The files that it imports.
    Result<QStringList> takeOne(const QString &path)
    {
        const auto bytes = readBelow(path, m_readable, m_origins.shown(path));
        if (!bytes)
            return std::unexpected(bytes.error());
        const QString source = QString::fromUtf8(*bytes);
        if (const auto fine = refuseSilentlyWrong(source, m_origins.shown(path)); !fine)
            return std::unexpected(fine.error());
        if (const auto lost = lostAssignments(source); !lost.empty())
            return fail(
                Error::Kind::Invalid,
                u"%1:%2: the script engine would silently lose the assignment in what is returned here: give it "
                u"a statement of its own, or install esbuild"_s.arg(m_origins.shown(path))
                    .arg(lost.front().line));
        const QString copy = folder() + path;
        QDir().mkpath(QFileInfo(copy).path());
        QFile file(copy);
        if (!file.open(QIODevice::WriteOnly) || file.write(*bytes) != bytes->size())
            return fail(Error::Kind::Internal, u"cannot write %1: %2"_s.arg(copy, file.errorString()));
        const auto files = imports(source, path);
        return files ? files : failAt(m_origins.shown(path), files.error());
    }

    const Origins &m_origins;
    const QStringList m_readable;
    const QTemporaryDir m_folder;
};

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

std::expected<QJSValue, Failure> loadBundle(QJSEngine &engine, const QString &path, Origins &origins,
                                            const std::optional<QStringList> &readable)
{
    const auto shown = [&origins](const QString &name) {
        return origins.shown(QDir(origins.folder).absoluteFilePath(name));
    };
    auto made = bundle(path, shown, readable);
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
                                            Origins &origins, const std::optional<QStringList> &readable)
{
    if (!QFileInfo(path).isFile())
        return refuse(origins.shown(path) + u": there is no such file"_s);
    if (!findEsbuild().isEmpty())
        return loadBundle(engine, path, origins, readable);
    if (mustBundle(path))
        return refuse(needsEsbuild(origins.shown(path), u"this is TypeScript"_s));
    Stage stage(origins, readable);
    if (const auto fine = stage.take(path); !fine)
        return refuse(fine.error().message);
    origins.stage = stage.folder();
    engine.registerModule(u"nightshift"_s, host);
    const QJSValue module = engine.importModule(stage.folder() + path);
    if (!module.isError())
        return module;
    if (couldNotParse(module) && !engine.isInterrupted())
        return refuse(needsEsbuild(placeOfError(module, path, origins), module.toString()));
    return std::unexpected(describeThrown(module.toString(), module.property(u"stack"_s).toString(), origins));
}

} // namespace nightshift::script
