#include "tombstones.h"
#include "api/jsonlines.h"
#include "store/appending.h"
#include <QSaveFile>

namespace nightshift::api {

constexpr qsizetype keptStones = 10'000; // a megabyte; who asks for older ones learns no more than that they are gone

static QByteArray line(const QString &id, const QString &cwd)
{
    return json::object({{"id", id}, {"cwd", cwd}}).text + '\n';
}

Tombstones::Tombstones(QString path)
    : m_path(std::move(path))
{
    for (const JsonDocument &entry : jsonLines(m_path)) {
        const QString id = entry.root()["id"].toString();
        if (!m_folders.contains(id))
            m_order += id;
        m_folders.insert(id, entry.root()["cwd"].toString());
    }
    if (m_order.size() > keptStones)
        write();
}

void Tombstones::add(const QString &id, const QString &cwd)
{
    if (!m_folders.contains(id))
        m_order += id;
    m_folders.insert(id, cwd);
    if (m_order.size() > keptStones) // the file gets shorter at the next start
        m_folders.remove(m_order.takeFirst());
    std::ignore = store::appendTo(m_path, line(id, cwd));
}

std::optional<QString> Tombstones::folderOf(const QString &id) const
{
    const auto found = m_folders.find(id);
    return found == m_folders.end() ? std::nullopt : std::optional(*found);
}

void Tombstones::write() const
{
    QSaveFile file(m_path);
    if (!file.open(QIODevice::WriteOnly))
        return;
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    for (const QString &id : m_order.last(std::min(keptStones, m_order.size())))
        file.write(line(id, m_folders.value(id)));
    file.commit();
}

} // namespace nightshift::api
