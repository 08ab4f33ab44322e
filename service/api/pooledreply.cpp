#include "pooledreply.h"
#include <QFutureWatcher>
#include <QPromise>
#include <QThreadPool>

using namespace Qt::StringLiterals;

namespace nightshift::api {

constexpr auto patience = std::chrono::minutes(10); // longer than any disk needs for what one session holds

PooledReply::PooledReply(Work work)
    : LaterReply(patience)
{
    auto promise = std::make_shared<QPromise<Rest>>();
    auto *watcher = new QFutureWatcher<Rest>(this);
    connect(watcher, &QFutureWatcher<Rest>::finished, this, [this, watcher] { emit finished(watcher->result()()); });
    watcher->setFuture(promise->future());
    promise->start();
    QThreadPool::globalInstance()->start([promise, work = std::move(work)] {
        promise->addResult(work());
        promise->finish();
    });
}

http::Response PooledReply::soFar() const
{
    return http::problemResponse({http::ProblemCode::Internal, u"the answer could not be made in time"_s}, {});
}

} // namespace nightshift::api
