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
    /// A sign of life often enough that a machine that is slow, or a file system that is, is not taken for dead.
    static Times times(std::optional<std::chrono::milliseconds> stale)
    {
        return stale ? Times{*stale / 4, *stale} : Times();
    }
    Claims(QString folder, Times times, QObject *parent = nullptr);

    /// Whether the item is ours now. False when somebody else has it, or had finished with it.
    Result<bool> take(const QString &key);
    /// When somebody else last touched an item that is not done, milliseconds since 1970; nothing when nobody has it.
    std::optional<qint64> othersSign(const QString &key) const;
    /// How often it makes sense to look for a sign.
    std::chrono::milliseconds interval() const { return std::min(m_times.renew, std::chrono::milliseconds(1'000)); }
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
