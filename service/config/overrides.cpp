#include "overrides.h"
#include "config/configfile.h"
#include "configtexts.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

/// Where the key ends: the first `=` that does not stand inside quotes, or -1. Quotes that never close are
/// taken as ordinary characters.
qsizetype endOfKey(QStringView text)
{
    QChar quote;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (!quote.isNull())
            quote = c == quote ? QChar() : quote;
        else if ((c == u'"' || c == u'\'') && text.indexOf(c, i + 1) >= 0)
            quote = c;
        else if (c == u'=')
            return i;
    }
    return -1;
}

/// Segments of a dotted key; a quoted segment keeps its dots.
QStringList segmentsOf(QStringView key)
{
    QStringList segments{QString()};
    for (qsizetype i = 0; i < key.size(); ++i) {
        const QChar c = key[i];
        const qsizetype closing = c == u'"' || c == u'\'' ? key.indexOf(c, i + 1) : -1;
        if (closing >= 0) {
            segments.last() += key.sliced(i + 1, closing - i - 1);
            i = closing;
        } else if (c == u'.') {
            segments.append(QString());
        } else {
            segments.last() += c;
        }
    }
    for (QString &segment : segments)
        segment = segment.trimmed();
    return segments;
}

} // namespace

Result<std::vector<Entry>> parseOverride(const QString &text)
{
    const qsizetype split = endOfKey(text);
    if (split < 0)
        return fail(Error::Kind::Invalid, u"Invalid override (missing '='): "_s + text);
    const QStringList path = segmentsOf(QStringView(text).first(split).trimmed());
    if (path.contains(QString()))
        return fail(Error::Kind::Invalid, u"Empty key in override: "_s + text);
    const QStringView written = QStringView(text).sliced(split + 1).trimmed();
    const Value value = parseTomlValue(written).value_or(Value{written.toString()});
    std::vector<Entry> entries;
    flatten(path, value, {LayerKind::Override, u"-c"_s}, entries);
    return entries;
}

bool isKnownFeature(QStringView name)
{
    return std::ranges::binary_search(featureNames, name, [](auto a, auto b) { return a < b; });
}

Result<Entry> featureOverride(const QString &name, bool enabled)
{
    if (!isKnownFeature(name))
        return fail(Error::Kind::Invalid, u"Unknown feature flag: "_s + name);
    return Entry{{u"features"_s, name}, {enabled}, {LayerKind::Override, enabled ? u"--enable"_s : u"--disable"_s}};
}

} // namespace nightshift::config
