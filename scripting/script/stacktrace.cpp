#include "script/stacktrace.h"
#include <QDir>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace nightshift::script {

namespace {

/// A frame's place, "a.js:7"; empty when nobody wrote that line.
QString placeOf(const QString &file, int line, const Origins &origins)
{
    if (file.endsWith(QLatin1StringView(internalName)) || line < 1)
        return {};
    if (!file.endsWith(QLatin1StringView(bundleName)))
        return u"%1:%2"_s.arg(origins.shown(QUrl(file).isLocalFile() ? QUrl(file).toLocalFile() : file)).arg(line);
    const auto place = origins.map.at(line);
    return place ? u"%1:%2"_s.arg(origins.shown(QDir(origins.folder).absoluteFilePath(place->source))).arg(place->line)
                 : QString();
}

} // namespace

QString Failure::text() const
{
    QString text = message;
    for (const QString &frame : stack)
        text += u"\n    at "_s + frame;
    return text;
}

QString Origins::shown(const QString &path) const
{
    QString clean = QDir::cleanPath(path);
    if (!stage.isEmpty() && clean.startsWith(stage + u'/'))
        clean.remove(0, stage.size());
    return clean.startsWith(current + u'/') ? clean.sliced(current.size() + 1) : clean;
}

QStringList readStack(const QString &stack, const Origins &origins)
{
    QStringList frames;
    for (const QString &frame : stack.split(u'\n', Qt::SkipEmptyParts)) {
        const qsizetype at = frame.indexOf(u'@'), colon = frame.lastIndexOf(u':');
        if (at < 0 || colon < at)
            continue;
        const QString place = placeOf(frame.sliced(at + 1, colon - at - 1), frame.sliced(colon + 1).toInt(), origins);
        const QString name = frame.startsWith(u'%') ? QString() : frame.first(at);
        if (!place.isEmpty())
            frames += name.isEmpty() ? place : u"%1 (%2)"_s.arg(name, place);
    }
    return frames;
}

Failure describeThrown(const QString &what, const QString &stack, const Origins &origins)
{
    Failure failure{Failure::Kind::Script, what, readStack(stack, origins)};
    if (failure.stack.isEmpty())
        return failure;
    QString place = failure.stack.first();
    if (place.endsWith(u')'))
        place = place.sliced(place.lastIndexOf(u" (") + 2).chopped(1);
    failure.message = place + u": "_s + what;
    return failure;
}

} // namespace nightshift::script
