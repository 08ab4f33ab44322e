#include "linewalk.h"
#include <cstring>

namespace nightshift::store {

static qsizetype lastLineEnd(QByteArrayView text)
{
    // glibc's memrchr looks at 32 bytes at a time.
    const void *found = text.isEmpty() ? nullptr : ::memrchr(text.data(), '\n', size_t(text.size()));
    return found ? static_cast<const char *>(found) - text.data() : -1;
}

BackwardLines::BackwardLines(QByteArrayView text)
    : m_text(text.first(lastLineEnd(text) + 1))
{}

std::optional<QByteArrayView> BackwardLines::next()
{
    if (m_text.isEmpty())
        return {};
    const QByteArrayView open = m_text.chopped(1);
    const qsizetype begin = lastLineEnd(open) + 1;
    m_text = m_text.first(begin);
    return open.sliced(begin);
}

std::optional<QByteArrayView> ForwardLines::next()
{
    const qsizetype end = m_text.indexOf('\n');
    if (end < 0)
        return {};
    const QByteArrayView line = m_text.first(end);
    m_text = m_text.sliced(end + 1);
    return line;
}

} // namespace nightshift::store
