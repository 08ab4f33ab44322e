#pragma once
#include <QHash>
#include <QString>
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
    void write() const;

    QString m_path;
    QHash<QString, QString> m_folders;
    QStringList m_order; ///< Ids, the oldest first.
};

} // namespace nightshift::api
