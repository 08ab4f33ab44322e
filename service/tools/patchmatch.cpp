#include "tools/patchmatch.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

enum class Likeness { Identical, SameStart, Trimmed, Plain };

QChar plain(QChar c)
{
    const char16_t u = c.unicode();
    if ((u >= 0x2010 && u <= 0x2015) || u == 0x2212)
        return u'-';
    if (u >= 0x2018 && u <= 0x201B)
        return u'\'';
    if (u >= 0x201C && u <= 0x201F)
        return u'"';
    if (u == 0x00A0 || (u >= 0x2002 && u <= 0x200A) || u == 0x202F || u == 0x205F || u == 0x3000)
        return u' ';
    return c;
}

QStringView withoutTrailingSpace(QStringView line)
{
    while (!line.isEmpty() && line.back().isSpace())
        line.chop(1);
    return line;
}

bool alike(QStringView a, QStringView b, Likeness likeness)
{
    switch (likeness) {
    case Likeness::Identical:
        return a == b;
    case Likeness::SameStart:
        return withoutTrailingSpace(a) == withoutTrailingSpace(b);
    case Likeness::Trimmed:
        return a.trimmed() == b.trimmed();
    case Likeness::Plain:
        return std::ranges::equal(a.trimmed(), b.trimmed(), {}, plain, plain);
    }
    return false;
}

/// 1 for lines that would match, else how much of the longer one is a common start and end.
double resemblance(QStringView a, QStringView b)
{
    a = a.trimmed();
    b = b.trimmed();
    if (alike(a, b, Likeness::Plain))
        return 1;
    const qsizetype shorter = std::min(a.size(), b.size());
    qsizetype start = 0, end = 0;
    while (start < shorter && a[start] == b[start])
        ++start;
    while (end < shorter - start && a[a.size() - 1 - end] == b[b.size() - 1 - end])
        ++end;
    return double(start + end) / double(std::max(a.size(), b.size()));
}

struct Place
{
    qsizetype at = 0;
    double resemblance = 0; ///< Mean over the pattern's lines.
};

Place mostAlike(const std::vector<QStringView> &lines, const std::vector<QStringView> &pattern)
{
    Place best;
    const qsizetype size = qsizetype(pattern.size());
    const qsizetype last = std::max(qsizetype(lines.size()) - size, qsizetype(0));
    qint64 comparisons = 2'000'000; // some tens of milliseconds; in larger files the hint covers the beginning
    for (qsizetype at = 0; at <= last && comparisons > 0; ++at, comparisons -= size) {
        double sum = 0;
        for (qsizetype i = 0; i < size && at + i < qsizetype(lines.size()); ++i)
            sum += resemblance(lines[at + i], pattern[i]);
        if (sum / double(size) > best.resemblance)
            best = {at, sum / double(size)};
    }
    return best;
}

} // namespace

std::optional<qsizetype> seekLines(const std::vector<QStringView> &lines, const std::vector<QStringView> &pattern,
                                   qsizetype from)
{
    const qsizetype last = qsizetype(lines.size()) - qsizetype(pattern.size());
    for (const Likeness likeness : {Likeness::Identical, Likeness::SameStart, Likeness::Trimmed, Likeness::Plain}) {
        for (qsizetype at = from; at <= last; ++at) {
            const auto same = [likeness](QStringView a, QStringView b) { return alike(a, b, likeness); };
            if (std::equal(pattern.begin(), pattern.end(), lines.begin() + at, same))
                return at;
        }
    }
    return {};
}

QString nearestPlace(const std::vector<QStringView> &lines, const std::vector<QStringView> &pattern)
{
    const Place place = mostAlike(lines, pattern);
    if (place.resemblance < 0.5) // less is chance: most lines of code share an indent and a bracket
        return {};
    QString text = u"The nearest place is line %1. It differs here:"_s.arg(place.at + 1);
    int shown = 0;
    for (size_t i = 0; i < pattern.size() && shown < 3; ++i) { // after three the picture is clear
        const size_t at = size_t(place.at) + i;
        if (at < lines.size() && alike(lines[at], pattern[i], Likeness::Plain))
            continue;
        const QString found = at < lines.size() ? u'\'' + lines[at].toString() + u'\'' : u"the end of the file"_s;
        text += u"\nline %1: expected '%2', found %3"_s.arg(at + 1).arg(pattern[i], found);
        ++shown;
    }
    return text;
}

} // namespace nightshift::tools
