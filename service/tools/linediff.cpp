#include "tools/linediff.h"
#include <algorithm>
#include <vector>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

constexpr qsizetype contextLines = 3;  // what patch and git write when not told otherwise
constexpr qsizetype maxChanges = 1000; // the search keeps 4 * changes² bytes; beyond it, a block for a block

using Lines = std::vector<QStringView>;

/// One line of the result. `mark` is blank, - or +.
struct Step
{
    char16_t mark;
    qsizetype before; ///< Lines of the old text in front of it.
    qsizetype after;  ///< Lines of the new text in front of it.
};

Lines cut(QStringView text)
{
    Lines lines;
    while (!text.isEmpty()) {
        const qsizetype end = text.indexOf(u'\n') + 1;
        lines.push_back(text.first(end ? end : text.size()));
        text = text.sliced(lines.back().size());
    }
    return lines;
}

/// The shortest way from one list of lines to another: Myers, "An O(ND) Difference Algorithm and Its
/// Variations" (1986), the greedy version.
class ShortestWay
{
public:
    ShortestWay(const Lines &before, const Lines &after, qsizetype start, qsizetype beforeEnd, qsizetype afterEnd)
        : m_before(before)
        , m_after(after)
        , m_start(start)
        , m_n(beforeEnd - start)
        , m_m(afterEnd - start)
    {}

    /// Steps between the common start and the common end.
    std::vector<Step> steps();

private:
    bool search();
    /// How far down the old text diagonal k was reached before round d.
    qsizetype reached(qsizetype d, qsizetype k) const { return m_rounds[d][k + d]; }
    bool comesDown(qsizetype d, qsizetype k) const
    {
        return k == -d || (k != d && reached(d - 1, k - 1) < reached(d - 1, k + 1));
    }

    const Lines &m_before;
    const Lines &m_after;
    qsizetype m_start, m_n, m_m;
    std::vector<std::vector<int>> m_rounds; ///< [d][k + d], k from -d to d in steps of two.
};

bool ShortestWay::search()
{
    for (qsizetype d = 0; d <= std::min(m_n + m_m, maxChanges); ++d) {
        m_rounds.emplace_back(2 * d + 1, 0);
        for (qsizetype k = -d; k <= d; k += 2) {
            qsizetype x = d == 0 ? 0 : comesDown(d, k) ? reached(d - 1, k + 1) : reached(d - 1, k - 1) + 1;
            while (x < m_n && x - k >= 0 && x - k < m_m && m_before[m_start + x] == m_after[m_start + x - k])
                ++x;
            m_rounds[d][k + d] = int(x);
            if (x >= m_n && x - k >= m_m)
                return true;
        }
    }
    return false;
}

std::vector<Step> ShortestWay::steps()
{
    std::vector<Step> steps;
    if (!search()) {
        for (qsizetype x = 0; x < m_n; ++x)
            steps.push_back({u'-', m_start + x, m_start});
        for (qsizetype y = 0; y < m_m; ++y)
            steps.push_back({u'+', m_start + m_n, m_start + y});
        return steps;
    }
    qsizetype x = m_n, y = m_m;
    for (qsizetype d = qsizetype(m_rounds.size()) - 1; d >= 0; --d) {
        const bool down = d > 0 && comesDown(d, x - y);
        const qsizetype k = x - y + (down ? 1 : -1);
        const qsizetype fromX = d == 0 ? 0 : reached(d - 1, k);
        const qsizetype fromY = d == 0 ? 0 : fromX - k;
        const qsizetype snakeX = d == 0 ? 0 : fromX + (down ? 0 : 1);
        while (x > snakeX) {
            --x, --y;
            steps.push_back({u' ', m_start + x, m_start + y});
        }
        if (d > 0)
            steps.push_back({down ? u'+' : u'-', m_start + fromX, m_start + fromY});
        x = fromX;
        y = fromY;
    }
    std::reverse(steps.begin(), steps.end());
    return steps;
}

QString range(qsizetype start, qsizetype count)
{
    const QString line = QString::number(count == 0 ? start : start + 1); // an empty range is named by the line before
    return count == 1 ? line : line + u',' + QString::number(count);
}

/// The last of the lines that begins with a letter, which most languages' functions do.
/// Source: git's xdiff/xemit.c, def_ff().
QString headingAbove(const Lines &lines, qsizetype count)
{
    constexpr qsizetype longest = 80;
    for (qsizetype at = count - 1; at >= 0; --at) {
        const QChar first = lines[at][0];
        if (first == u'_' || first == u'$' || (first < u'\x80' && first.isLetter()))
            return u' ' + lines[at].first(std::min(lines[at].size(), longest)).toString().trimmed();
    }
    return {};
}

QString hunkText(const std::vector<Step> &steps, const Lines &before, const Lines &after, Heading heading)
{
    const auto lacks = [&](char16_t mark) { return [mark](const Step &step) { return step.mark != mark; }; };
    const qsizetype old = std::count_if(steps.begin(), steps.end(), lacks(u'+'));
    const qsizetype now = std::count_if(steps.begin(), steps.end(), lacks(u'-'));
    QString text = u"@@ -%1 +%2 @@"_s.arg(range(steps.front().before, old), range(steps.front().after, now));
    if (heading == Heading::Line)
        text += headingAbove(before, steps.front().before);
    text += u'\n';
    for (const Step &step : steps) {
        const QStringView line = step.mark == u'+' ? after[step.after] : before[step.before];
        (text += QChar(step.mark)) += line;
        if (!line.endsWith(u'\n'))
            text += u"\n\\ No newline at end of file\n";
    }
    return text;
}

/// The changes with at most contextLines around the whole of them.
std::vector<Step> stepsBetween(const Lines &old, const Lines &now)
{
    const qsizetype shorter = qsizetype(std::min(old.size(), now.size()));
    qsizetype start = 0, end = 0;
    while (start < shorter && old[start] == now[start])
        ++start;
    while (end < shorter - start && old[old.size() - 1 - end] == now[now.size() - 1 - end])
        ++end;
    const qsizetype oldEnd = qsizetype(old.size()) - end, nowEnd = qsizetype(now.size()) - end;
    std::vector<Step> steps = ShortestWay(old, now, start, oldEnd, nowEnd).steps();
    if (steps.empty())
        return steps;
    std::vector<Step> lead;
    for (qsizetype i = std::max(start - contextLines, qsizetype(0)); i < start; ++i)
        lead.push_back({u' ', i, i});
    steps.insert(steps.begin(), lead.begin(), lead.end());
    for (qsizetype i = 0; i < std::min(end, contextLines); ++i)
        steps.push_back({u' ', oldEnd + i, nowEnd + i});
    return steps;
}

} // namespace

QString unifiedDiff(const QString &before, const QString &after, Heading heading)
{
    const Lines old = cut(before);
    const Lines now = cut(after);
    QString text;
    std::vector<Step> hunk;
    qsizetype same = 0; // unchanged lines at the end of `hunk`
    for (const Step &step : stepsBetween(old, now)) {
        if (step.mark != u' ' && same > 2 * contextLines) {
            const std::vector<Step> lead(hunk.end() - contextLines, hunk.end());
            hunk.resize(hunk.size() - size_t(same - contextLines));
            text += hunkText(hunk, old, now, heading);
            hunk = lead;
        }
        same = step.mark == u' ' ? same + 1 : 0;
        hunk.push_back(step);
    }
    return hunk.empty() ? text : text + hunkText(hunk, old, now, heading);
}

} // namespace nightshift::tools
