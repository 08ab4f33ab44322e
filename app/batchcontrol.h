#pragma once
#include "batch/batchmodule.h"
#include <QSocketNotifier>

namespace nightshift::app {

/// The service at the other end of stdin and stdout, when it runs a batch in a process of its own. A line each:
///
///     in   {"id":…,"again":[…],"script_folder":…,"hooks":[…]}                    once, first
///          {"concurrency":8} {"cost_usd":5} {"paused":true} {"finish":true}
///          its end means that the service is gone: the batch is interrupted
///     out  {"progress":{…}}, every second at least, and {"result":…} of a script
class BatchControl : public QObject
{
    Q_OBJECT

public:
    /// Whether there is one: the service says so in our environment.
    static bool isWatched();
    /// Reads the first line, which completes the order, and bounds the memory of a script. Errors are the service's.
    static Result<batch::BatchWatch> begin(const QString &cwd, const QString &stateFolder, batch::BatchOrder &order);
    static void tell(const char *what, const RawJson &value);

    explicit BatchControl(batch::RunningBatch &batch);

private:
    void onInput();
    void take(const QByteArray &line);

    batch::RunningBatch &m_batch;
    QSocketNotifier m_stdin;
    QByteArray m_input;
};

} // namespace nightshift::app
