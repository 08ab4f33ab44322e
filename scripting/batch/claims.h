#pragma once
#include "base/result.h"
#include <QSet>
#include <QTimer>

namespace nightshift::batch {

/// Items that workers on a shared folder take from each other's reach: one file an item, made by whoever comes first,
/// touched as long as its worker lives. No server; a split that goes wrong costs time only, since results are keyed.
class Claims : public QObject
{
    Q_OBJECT

public:
    struct Times
    {
        std::chrono::milliseconds renew{30'000};
        std::chrono::milliseconds stale{120'000}; ///< A worker that was silent this long is taken for dead.
    };
    Claims(QString folder, Times times, QObject *parent = nullptr);

    /// Whether the item is ours now. False when somebody else has it, or had finished with it.
    Result<bool> take(const QString &key);
    /// It needs to be touched no longer; it stays ours.
    void settle(const QString &key);
    /// Anybody may have it.
    void release(const QString &key);

private:
    QString pathOf(const QString &key) const;
    void renew();

    const QString m_folder;
    const Times m_times;
    QSet<QString> m_held; ///< Paths.
    QTimer m_timer;
};

} // namespace nightshift::batch
