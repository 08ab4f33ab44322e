#include "spending.h"
#include "base/boundedfile.h"
#include "base/jsonreader.h"
#include "http/tokenstore.h"

using namespace Qt::StringLiterals;

namespace nightshift::http {

Spending::Spending(QString path)
    : m_path(std::move(path))
{
    const auto text = m_path.isEmpty() ? Result<QByteArray>() : readBounded(m_path, fileuse::record);
    if (m_path.isEmpty() || !text)
        return;
    const auto document = JsonDocument::parse(*text);
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
