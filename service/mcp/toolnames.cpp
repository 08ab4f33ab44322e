#include "mcp/toolnames.h"
#include <QCryptographicHash>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

constexpr qsizetype longestName = 64; // OpenAI's and Anthropic's limit
constexpr qsizetype hashDigits = 8;

static bool isPlain(QChar c)
{
    return (c < u'\x80' && c.isLetterOrNumber()) || c == u'_';
}

bool isServerName(QStringView name)
{
    return !name.isEmpty() && std::ranges::all_of(name, [](QChar c) { return isPlain(c) || c == u'-'; });
}

QString ToolNames::nameOf(const QString &server, const QString &tool)
{
    QString name = u"mcp__"_s + server + u"__"_s + tool;
    for (QChar &c : name) {
        if (!isPlain(c))
            c = u'_';
    }
    if (name.size() > longestName || m_taken.contains(name)) {
        const QByteArray both = server.toUtf8() + '/' + tool.toUtf8();
        const QByteArray hash = QCryptographicHash::hash(both, QCryptographicHash::Sha256).toHex().first(hashDigits);
        name = name.left(longestName - hashDigits - 1) + u'_' + QString::fromLatin1(hash);
    }
    m_taken.insert(name);
    return name;
}

} // namespace nightshift::mcp
