#include "frontmatter.h"
#include <QStringList>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

QString unquoted(const QString &text)
{
    const bool quoted =
        text.size() >= 2 && (text.front() == u'"' || text.front() == u'\'') && text.front() == text.back();
    if (!quoted)
        return text;
    const QString inner = text.sliced(1).chopped(1);
    if (text.front() == u'\'')
        return QString(inner).replace("''"_L1, "'"_L1);
    QString plain;
    for (qsizetype i = 0; i < inner.size(); ++i) {
        const bool escape = inner[i] == u'\\' && i + 1 < inner.size();
        const QChar c = escape ? inner[++i] : inner[i];
        plain += escape && (c == u'n' || c == u't') ? QChar(u' ') : c;
    }
    return plain;
}

/// `>`, `|-` and the like announce a text in the lines below.
bool isBlockMark(const QString &value)
{
    return !value.isEmpty() && value.size() <= 3 && (value[0] == u'>' || value[0] == u'|');
}

QString withoutComment(const QString &value)
{
    const bool quoted = value.startsWith(u'"') || value.startsWith(u'\'');
    const qsizetype comment = quoted ? -1 : value.indexOf(" #"_L1);
    return comment < 0 ? value : value.first(comment);
}

} // namespace

std::optional<QHash<QString, QString>> frontMatter(const QString &text)
{
    const QStringList lines = text.split(u'\n');
    if (lines.first().trimmed() != "---"_L1)
        return std::nullopt;
    QHash<QString, QString> values;
    QString key;
    for (const QString &line : lines.sliced(1)) {
        if (line.trimmed() == "---"_L1) {
            for (QString &value : values)
                value = unquoted(value.simplified()).simplified();
            return values;
        }
        const bool indented = line.startsWith(u' ') || line.startsWith(u'\t');
        const qsizetype colon = line.indexOf(u':');
        if (indented && !key.isEmpty()) {
            values[key] += u' ' + line.trimmed();
        } else if (!indented && colon > 0 && !line.startsWith(u'#')) {
            key = line.first(colon).trimmed();
            const QString value = withoutComment(line.sliced(colon + 1).trimmed()).trimmed();
            values[key] = isBlockMark(value) ? QString() : value;
        }
    }
    return std::nullopt; // it never ended
}

} // namespace nightshift::config
