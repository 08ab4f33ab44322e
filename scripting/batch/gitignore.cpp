#include "gitignore.h"
#include "batch/glob.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

void GitIgnore::add(const QString &folder, const QString &text)
{
    for (QString line : text.split(u'\n')) {
        if (line.endsWith(u'\r'))
            line.chop(1);
        while (line.endsWith(u' ') && !line.endsWith("\\ "_L1))
            line.chop(1);
        if (line.isEmpty() || line.startsWith(u'#'))
            continue;
        Rule rule{.folder = folder, .pattern = line};
        rule.negated = line.startsWith(u'!');
        if (rule.negated)
            rule.pattern.remove(0, 1);
        rule.onlyFolders = rule.pattern.endsWith(u'/');
        if (rule.onlyFolders)
            rule.pattern.chop(1);
        rule.anchored = rule.pattern.contains(u'/');
        if (rule.pattern.startsWith(u'/'))
            rule.pattern.remove(0, 1);
        m_rules.push_back(std::move(rule));
    }
}

bool GitIgnore::ignores(const QString &path, Kind kind) const
{
    for (auto rule = m_rules.rbegin(); rule != m_rules.rend(); ++rule) {
        const bool isBelow = rule->folder.isEmpty() || path.startsWith(rule->folder + u'/');
        if (!isBelow || (rule->onlyFolders && kind == Kind::File))
            continue;
        const QString below = rule->folder.isEmpty() ? path : path.sliced(rule->folder.size() + 1);
        if (globMatches(rule->pattern, rule->anchored ? below : below.section(u'/', -1), Braces::Plain))
            return !rule->negated;
    }
    return false;
}

} // namespace nightshift::batch
