#include "tombstones.h"
#include "api/jsonlines.h"
#include "store/appending.h"
#include <QSaveFile>

namespace nightshift::api {

constexpr size_t keptStones = 10'000; // who asks for older ones learns no more than that they never were

static QByteArray line(QUuid id, const QString &cwd)
{
    return json::object({{"id", id.toString(QUuid::WithoutBraces)}, {"cwd", cwd}}).text + '\n';
}

Tombstones::Tombstones(QString path)
    : m_path(std::move(path))
{
    size_t lines = 0;
    for (const JsonDocument &entry : jsonLines(m_path)) {
        keep(entry.root()["id"].toString(), entry.root()["cwd"].toString());
        ++lines;
    }
    if (lines > keptStones)
        write();
}

void Tombstones::add(const QString &id, const QString &cwd)
{
    keep(id, cwd); // the file gets shorter at the next start
    std::ignore = store::appendTo(m_path, line(QUuid(id), cwd));
}

void Tombstones::keep(const QString &id, const QString &cwd)
{
    constexpr qsizetype namesShared = 100; // more folders than that at a time have their names each
    if (m_names.size() >= namesShared)
        m_names.clear();
    const QUuid key(id);
    if (!m_folders.contains(key))
        m_order.push_back(key);
    m_folders.insert(key, *m_names.insert(cwd));
    if (m_order.size() > keptStones) {
        m_folders.remove(m_order.front());
        m_order.pop_front();
    }
}

std::optional<QString> Tombstones::folderOf(const QString &id) const
{
    const auto found = m_folders.find(QUuid(id));
    return found == m_folders.end() ? std::nullopt : std::optional(*found);
}

void Tombstones::write() const
{
    QSaveFile file(m_path);
    if (!file.open(QIODevice::WriteOnly))
        return;
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    for (const QUuid &id : m_order)
        file.write(line(id, m_folders.value(id)));
    file.commit();
}

} // namespace nightshift::api
