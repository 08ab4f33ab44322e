#pragma once
#include "base/result.h"
#include <QHash>
#include <QString>

namespace nightshift::api {

/// The sessions that have work: what a server that was killed must have a look at when it starts again. One file to
/// which a line is added when a session's work begins and when all of it is done.
class RunningList
{
public:
    explicit RunningList(QString path);

    /// What the last server left: logs by session.
    QHash<QString, QString> read() const;
    /// Begins anew with these.
    Result<> write(const QHash<QString, QString> &sessions);
    Result<> add(const QString &id, const QString &log);
    void remove(const QString &id);

    const QString &path() const { return m_path; }

private:
    Result<> append(const QByteArray &line);

    QString m_path;
    qsizetype m_lines = 0;
    QHash<QString, QString> m_running;
};

} // namespace nightshift::api
