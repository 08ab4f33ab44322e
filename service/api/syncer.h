#pragma once
#include "base/result.h"
#include <QObject>
#include <QPointer>
#include <QSet>
#include <QThreadPool>
#include <functional>

namespace nightshift::api {

/// Waits on a thread of its own until files are on the disk; what is asked for meanwhile waits together for the next
/// round, so that many small writes share it.
class Syncer : public QObject
{
    Q_OBJECT

public:
    explicit Syncer(bool isWanted = true);
    ~Syncer() override;

    /// `done` is called from the event loop, not from in here, unless `context` is gone by then.
    void sync(const QStringList &paths, QObject *context, std::function<void(const Result<> &)> done);

private:
    struct Waiting
    {
        QStringList paths;
        QPointer<QObject> context;
        std::function<void(const Result<> &)> done;
    };
    void begin();
    void onSynced(const QHash<QString, Error> &failed);

    const bool m_isWanted;
    std::vector<Waiting> m_waiting;
    std::vector<Waiting> m_round; ///< Under way.
    QThreadPool m_pool;
};

} // namespace nightshift::api
