#include "spending.h"
#include "base/jsonreader.h"
#include "http/tokenstore.h"
#include <QFile>

using namespace Qt::StringLiterals;

namespace nightshift::http {

Spending::Spending(QString path)
    : m_path(std::move(path))
{
    QFile file(m_path);
    if (m_path.isEmpty() || !file.open(QIODevice::ReadOnly))
        return;
    const auto document = JsonDocument::parse(file.readAll());
    if (!document) {
        qWarning("%s: %s", qPrintable(m_path), qPrintable(document.error().message));
        return;
    }
    for (const auto &[tokenId, usd] : document->root().members())
        m_usd.insert(tokenId, usd.toDouble());
}

Result<> Spending::add(const QString &tokenId, double usd)
{
    m_usd[tokenId] += usd;
    if (m_path.isEmpty() || usd == 0)
        return {};
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[id, spent] : m_usd.asKeyValueRange())
        members.emplace_back(id, json::number(spent));
    return writePrivately(m_path, json::object(members).text + '\n');
}

} // namespace nightshift::http
