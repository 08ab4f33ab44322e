#include "syncer.h"
#include "store/filedescriptor.h"
#include "store/folders.h"
#include <QFile>
#include <QHash>
#include <fcntl.h>

using namespace Qt::StringLiterals;

namespace nightshift::api {

Syncer::Syncer(bool isWanted)
    : m_isWanted(isWanted)
{
    m_pool.setMaxThreadCount(1);
}

Syncer::~Syncer()
{
    m_pool.waitForDone();
}

void Syncer::sync(const QStringList &paths, QObject *context, std::function<void(const Result<> &)> done)
{
    m_waiting.push_back({paths, context, std::move(done)});
    if (m_round.empty() && m_waiting.size() == 1)
        QMetaObject::invokeMethod(this, &Syncer::begin, Qt::QueuedConnection); // others of this moment join
}

static QHash<QString, Error> flush(const QSet<QString> &paths)
{
    QHash<QString, Error> failed;
    for (const QString &path : paths) {
        const store::FileDescriptor file(::open(QFile::encodeName(path), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        if (!file || ::fdatasync(file.get()) != 0)
            failed.insert(path, store::systemError(u"flush"_s, path).error());
    }
    return failed;
}

void Syncer::begin()
{
    m_round = std::exchange(m_waiting, {});
    QSet<QString> paths;
    for (const Waiting &waiting : m_round)
        paths.unite(QSet<QString>(waiting.paths.begin(), waiting.paths.end()));
    if (!m_isWanted)
        return onSynced({});
    m_pool.start([this, paths] {
        const QHash<QString, Error> failed = flush(paths);
        QMetaObject::invokeMethod(this, [this, failed] { onSynced(failed); }, Qt::QueuedConnection);
    });
}

void Syncer::onSynced(const QHash<QString, Error> &failed)
{
    for (Waiting &waiting : std::exchange(m_round, {})) {
        Result<> outcome;
        for (const QString &path : waiting.paths) {
            if (const auto error = failed.find(path); error != failed.end())
                outcome = std::unexpected(*error);
        }
        if (waiting.context)
            waiting.done(outcome);
    }
    if (!m_waiting.empty())
        begin();
}

} // namespace nightshift::api
