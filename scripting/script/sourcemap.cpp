#include "script/sourcemap.h"
#include "base/jsonreader.h"
#include <QDir>

using namespace Qt::StringLiterals;

namespace nightshift::script {

namespace {

constexpr QByteArrayView digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The numbers of one segment, each written in digits of five bits, the least first, the sign in the lowest bit.
std::vector<qint32> numbers(QByteArrayView segment)
{
    std::vector<qint32> values;
    quint32 value = 0;
    int shift = 0;
    for (const char c : segment) {
        const auto digit = quint32(qMax(digits.indexOf(c), qsizetype(0)));
        if (shift < 30)
            value |= (digit & 31) << shift;
        shift += 5;
        if (digit & 32)
            continue;
        values.push_back(value & 1 ? -qint32(value >> 1) : qint32(value >> 1));
        value = 0;
        shift = 0;
    }
    return values;
}

} // namespace

Result<SourceMap> SourceMap::parse(QByteArrayView json)
{
    const auto document = JsonDocument::parse(json);
    if (!document)
        return failAt(u"source map"_s, document.error());
    SourceMap map;
    for (const JsonView &source : document->root()["sources"].items())
        map.m_sources += source.toString();
    for (const JsonView &content : document->root()["sourcesContent"].items())
        map.m_contents += content.toString();
    map.read(document->root()["mappings"].utf8());
    return map;
}

void SourceMap::read(QByteArrayView mappings)
{
    Origin origin{0, 0}; // each number counts from the one before, over all lines
    for (qsizetype start = 0; start <= mappings.size();) {
        const qsizetype found = mappings.indexOf(';', start);
        const qsizetype end = found < 0 ? mappings.size() : found;
        Origin first;
        for (qsizetype at = start; at < end;) {
            const qsizetype comma = mappings.indexOf(',', at);
            const qsizetype stop = comma < 0 || comma > end ? end : comma;
            const auto segment = numbers(mappings.sliced(at, stop - at));
            if (segment.size() >= 4) {
                origin.source += segment[1];
                origin.line += segment[2];
                if (first.source < 0)
                    first = origin;
            }
            at = stop + 1;
        }
        m_lines.push_back(first);
        start = end + 1;
    }
}

void SourceMap::startFrom(const QString &folder)
{
    for (QString &source : m_sources)
        source = QDir::cleanPath(QDir(folder).absoluteFilePath(source));
}

std::optional<SourceMap::Place> SourceMap::at(int line) const
{
    if (line < 1 || size_t(line) > m_lines.size())
        return {};
    const Origin &origin = m_lines[size_t(line) - 1];
    if (origin.source < 0 || origin.source >= m_sources.size())
        return {};
    return Place{m_sources[origin.source], origin.line + 1};
}

} // namespace nightshift::script
