#pragma once
#include <QHash>
#include <QSet>
#include <QString>
#include <QUuid>
#include <deque>
#include <optional>

namespace nightshift::api {

/// Sessions that were deleted here, so that who asks for one is told that it is gone and not that it never was. A line
/// for each in one file, of which the newest are kept.
class Tombstones
{
public:
    explicit Tombstones(QString path);

    void add(const QString &id, const QString &cwd);
    /// The folder that the session worked in; absent for one that was not deleted here.
    std::optional<QString> folderOf(const QString &id) const;

private:
    void keep(const QString &id, const QString &cwd);
    void write() const;

    QString m_path;
    QHash<QUuid, QString> m_folders; ///< By id.
    std::deque<QUuid> m_order;       ///< Ids, the oldest first.
    QSet<QString> m_names;           ///< Of folders, so that the sessions of one share it.
};

} // namespace nightshift::api
