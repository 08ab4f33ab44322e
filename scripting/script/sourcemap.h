#pragma once
#include "base/result.h"
#include <QStringList>
#include <optional>
#include <vector>

namespace nightshift::script {

/// Where the lines of a bundle come from. The script engine names lines and no columns, so of each line what counts is
/// the first thing on it that has an origin. Source: ECMA-426, section 9.
class SourceMap
{
public:
    struct Place
    {
        QString source; ///< As the map names it.
        int line = 0;   ///< From 1.
        bool operator==(const Place &) const = default;
    };

    static Result<SourceMap> parse(QByteArrayView json);

    /// Of a line of the bundle, from 1; nothing for lines that nobody wrote.
    std::optional<Place> at(int line) const;

    const QStringList &sources() const { return m_sources; }
    /// Makes the names of sources absolute, which the map has relative to a folder.
    void startFrom(const QString &folder);
    /// The text of each source.
    const QStringList &contents() const { return m_contents; }

private:
    struct Origin
    {
        qint32 source = -1;
        qint32 line = 0; ///< From 0.
    };
    void read(QByteArrayView mappings);

    QStringList m_sources;
    QStringList m_contents;
    std::vector<Origin> m_lines;
};

} // namespace nightshift::script
