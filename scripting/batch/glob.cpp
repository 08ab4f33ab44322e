#include "glob.h"
#include "base/boundedfile.h"
#include "batch/gitignore.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

/// The end of the set that opens at pattern[0]; -1 when it never closes.
qsizetype setEnd(QStringView pattern)
{
    qsizetype at = 1;
    if (at < pattern.size() && (pattern[at] == u'!' || pattern[at] == u'^'))
        ++at;
    if (at < pattern.size() && pattern[at] == u']')
        ++at; // as the first of the set it stands for itself
    while (at < pattern.size() && pattern[at] != u']')
        ++at;
    return at < pattern.size() ? at : -1;
}

bool isInSet(QStringView set, QChar c)
{
    const bool negated = set.startsWith(u'!') || set.startsWith(u'^');
    if (negated)
        set = set.sliced(1);
    bool found = false;
    for (qsizetype i = 0; i < set.size(); ++i) {
        const bool isRange = i + 2 < set.size() && set[i + 1] == u'-';
        found |= isRange ? set[i] <= c && c <= set[i + 2] : set[i] == c;
        i += isRange ? 2 : 0;
    }
    return found != negated;
}

bool matches(QStringView pattern, QStringView path)
{
    while (!pattern.isEmpty()) {
        if (pattern.startsWith("**/"_L1)) {
            const QStringView rest = pattern.sliced(3);
            for (qsizetype at = 0; at >= 0; at = path.indexOf(u'/', at) < 0 ? -1 : path.indexOf(u'/', at) + 1) {
                if (matches(rest, path.sliced(at)))
                    return true;
            }
            return false;
        }
        if (pattern == "**"_L1)
            return true;
        if (pattern[0] == u'*') {
            for (qsizetype at = 0; at <= path.size(); ++at) {
                if (matches(pattern.sliced(1), path.sliced(at)))
                    return true;
                if (at < path.size() && path[at] == u'/')
                    return false;
            }
            return false;
        }
        if (path.isEmpty())
            return false;
        const qsizetype end = pattern[0] == u'[' ? setEnd(pattern) : -1;
        if (end > 0) {
            if (path[0] == u'/' || !isInSet(pattern.sliced(1, end - 1), path[0]))
                return false;
            pattern = pattern.sliced(end + 1);
        } else {
            if (pattern[0] == u'\\' && pattern.size() > 1)
                pattern = pattern.sliced(1);
            else if (pattern[0] == u'?' && path[0] != u'/') {
                pattern = pattern.sliced(1);
                path = path.sliced(1);
                continue;
            }
            if (pattern[0] != path[0])
                return false;
            pattern = pattern.sliced(1);
        }
        path = path.sliced(1);
    }
    return path.isEmpty();
}

/// {a,b} written out, the innermost last.
QStringList alternatives(const QString &pattern)
{
    const qsizetype open = pattern.indexOf(u'{');
    qsizetype close = -1;
    QList<qsizetype> cuts{open};
    for (qsizetype at = open + 1, depth = 1; open >= 0 && at < pattern.size() && close < 0; ++at) {
        depth += pattern[at] == u'{' ? 1 : pattern[at] == u'}' ? -1 : 0;
        if (depth == 0)
            close = at;
        if (depth == 1 && pattern[at] == u',')
            cuts += at;
    }
    if (close < 0)
        return {pattern};
    cuts += close;
    QStringList all;
    for (qsizetype i = 0; i + 1 < cuts.size(); ++i)
        all += alternatives(pattern.first(open) + pattern.sliced(cuts[i] + 1, cuts[i + 1] - cuts[i] - 1) +
                            pattern.sliced(close + 1));
    return all;
}

class Walk
{
public:
    Walk(const QString &root, const QStringList &patterns, const GlobOptions &options)
        : m_root(root)
        , m_patterns(patterns)
        , m_options(options)
    {}

    QStringList files()
    {
        enter({});
        m_files.sort();
        return m_files;
    }

private:
    void enter(const QString &folder)
    {
        const QString prefix = folder.isEmpty() ? QString() : folder + u'/';
        const QString rules = m_root + u'/' + prefix + u".gitignore"_s;
        if (const auto text = m_options.gitignore ? readBounded(rules, fileuse::ignoreRules) : Result<QByteArray>())
            m_ignore.add(folder, QString::fromUtf8(*text));
        const auto entries = QDir(m_root + u'/' + folder)
                                 .entryInfoList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
        for (const QFileInfo &entry : entries) {
            const QString path = prefix + entry.fileName();
            const bool isFolder = entry.isDir() && !entry.isSymLink();
            if (isOut(path, isFolder))
                continue;
            if (isFolder)
                enter(path);
            else if (fits(m_patterns, path))
                m_files += path;
        }
    }

    bool isOut(const QString &path, bool isFolder) const
    {
        if (m_options.gitignore && (path.section(u'/', -1) == ".git"_L1 ||
                                    m_ignore.ignores(path, isFolder ? GitIgnore::Kind::Folder : GitIgnore::Kind::File)))
            return true;
        return fits(m_options.ignore, path);
    }

    static bool fits(const QStringList &patterns, const QString &path)
    {
        return std::ranges::any_of(patterns, [&](const QString &pattern) { return globMatches(pattern, path); });
    }

    const QString m_root;
    const QStringList &m_patterns;
    const GlobOptions &m_options;
    GitIgnore m_ignore;
    QStringList m_files;
};

} // namespace

bool globMatches(QStringView pattern, QStringView path, Braces braces)
{
    if (braces == Braces::Plain)
        return matches(pattern, path);
    const QStringList all = alternatives(pattern.toString());
    return std::ranges::any_of(all, [path](const QString &each) { return matches(each, path); });
}

QStringList glob(const QString &folder, const QStringList &patterns, const GlobOptions &options)
{
    return Walk(folder, patterns, options).files();
}

} // namespace nightshift::batch
