#include "script/scriptthread.h"
#include "script/memorywatch.h"
#include "script/worker.h"
#include <QThread>
#include <QTimer>

using namespace Qt::StringLiterals;

namespace nightshift::script {

ScriptThread::ScriptThread(ScriptPlan plan, QObject *parent)
    : QObject(parent)
    , m_thread(std::make_unique<QThread>())
    , m_memoryBytes(plan.memoryBytes)
{
    m_worker = new Worker(std::move(plan), *this);
    m_thread->setObjectName(u"script"_s);
    m_worker->moveToThread(m_thread.get());
    connect(m_thread.get(), &QThread::finished, m_worker, &QObject::deleteLater);
}

ScriptThread::~ScriptThread()
{
    if (m_thread->isRunning()) {
        m_worker->cancel();
        if (m_broken)
            m_watch->insist();
        m_thread->quit();
        m_thread->wait();
    } else {
        delete m_worker;
    }
}

void ScriptThread::start()
{
    if (m_memoryBytes > 0)
        m_watch = std::make_unique<MemoryWatch>(m_memoryBytes, [this] {
            QMetaObject::invokeMethod(this, &ScriptThread::onMemoryExceeded, Qt::QueuedConnection);
        });
    m_thread->start();
    m_worker->post([worker = m_worker] { worker->run(); });
}

int ScriptThread::call(const QByteArray &name, const RawJson &args, std::chrono::milliseconds deadline,
                       std::function<void(const Outcome &)> answered)
{
    const int call = ++m_lastCall;
    m_calls[call] = std::move(answered);
    if (m_broken) {
        QMetaObject::invokeMethod(
            this, [this, call] { onAnswered(call, std::unexpected(*m_broken)); }, Qt::QueuedConnection);
        return call;
    }
    m_worker->post([worker = m_worker, call, name, args] { worker->call(call, name, args); });
    QTimer::singleShot(deadline, this, [this, call] {
        if (m_calls.contains(call))
            m_worker->interrupt(call);
        onAnswered(call, failed(Failure::Kind::Deadline, u"the script gave no answer in time"_s));
    });
    return call;
}

void ScriptThread::withdraw(int call)
{
    if (m_calls.erase(call) > 0)
        m_worker->interrupt(call);
}

void ScriptThread::emitEvent(const QByteArray &channel, const RawJson &event)
{
    m_worker->post([worker = m_worker, channel, event] { worker->emitEvent(channel, event); });
}

void ScriptThread::cancel()
{
    m_worker->cancel();
}

void ScriptThread::onFinished(const Outcome &outcome)
{
    if (!std::exchange(m_isFinished, true))
        emit finished(outcome);
}

/// The script may be in something that nothing interrupts: whoever waits for it is not left waiting.
void ScriptThread::onMemoryExceeded()
{
    m_broken = Failure{Failure::Kind::Memory, MemoryWatch::sentence(m_memoryBytes), {}};
    m_worker->cancel();
    for (const auto &[call, answered] : std::exchange(m_calls, {}))
        answered(std::unexpected(*m_broken));
    onFinished(std::unexpected(*m_broken));
}

void ScriptThread::onAnswered(int call, const Outcome &outcome)
{
    const auto found = m_calls.find(call);
    if (found == m_calls.end())
        return; // it was answered by its deadline
    const auto answered = std::move(found->second);
    m_calls.erase(found);
    answered(outcome);
}

} // namespace nightshift::script
