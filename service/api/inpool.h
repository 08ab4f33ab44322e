#pragma once
#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

namespace nightshift::api {

/// Does `work` in the pool, where it must touch nothing that belongs to this thread; then `rest` here with what it
/// came to, unless `context` is gone by then.
template <typename Work, typename Rest>
void inPool(QObject *context, Work work, Rest rest)
{
    const auto task = [guard = QPointer<QObject>(context), work = std::move(work), rest = std::move(rest)] {
        // The guard is only looked at here, where its object lives.
        auto then = [guard, rest, result = work()] {
            if (guard)
                rest(result);
        };
        QMetaObject::invokeMethod(QCoreApplication::instance(), std::move(then), Qt::QueuedConnection);
    };
    QThreadPool::globalInstance()->start(task);
}

} // namespace nightshift::api
