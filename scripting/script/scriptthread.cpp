#include "script/scriptthread.h"
#include "script/worker.h"
#include <QThread>
#include <QTimer>

using namespace Qt::StringLiterals;

namespace nightshift::script {

ScriptThread::ScriptThread(ScriptPlan plan, QObject *parent)
    : QObject(parent)
    , m_thread(std::make_unique<QThread>())
    , m_worker(new Worker(std::move(plan), *this))
{
    m_thread->setObjectName(u"script"_s);
    m_worker->moveToThread(m_thread.get());
    connect(m_thread.get(), &QThread::finished, m_worker, &QObject::deleteLater);
}

ScriptThread::~ScriptThread()
{
    if (m_thread->isRunning()) {
        m_worker->cancel();
        m_thread->quit();
        m_thread->wait();
    } else {
        delete m_worker;
    }
}

void ScriptThread::start()
{
    m_thread->start();
    m_worker->post([worker = m_worker] { worker->run(); });
}

int ScriptThread::call(const QByteArray &name, const RawJson &args, std::chrono::milliseconds deadline,
                       std::function<void(const Outcome &)> answered)
{
    const int call = ++m_lastCall;
    m_calls[call] = std::move(answered);
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
