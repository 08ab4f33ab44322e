#include "recordedcall.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

RecordedCall::RecordedCall(Ledger &ledger, const ToolCall &call, Begin begin, QObject *parent)
    : ToolJob(parent)
    , m_ledger(ledger)
    , m_id(call.id)
    , m_begin(std::move(begin))
{
    m_ledger.sync(this, [this] { onRecorded(); });
}

void RecordedCall::onRecorded()
{
    if (m_isAnswered)
        return;
    if (m_ledger.failure())
        return answer(u"not run: "_s + m_ledger.failure()->message);
    m_job = m_begin(this);
    connect(m_job, &ToolJob::finished, this, &ToolJob::finished);
}

void RecordedCall::cancel()
{
    if (m_job)
        m_job->cancel();
    else
        answer(u"aborted by user before it ran"_s);
}

void RecordedCall::answer(const QString &text)
{
    if (std::exchange(m_isAnswered, true))
        return;
    const auto tell = [this, answer = ToolAnswer{m_id, json::string(text)}] { emit finished(answer); };
    QMetaObject::invokeMethod(this, tell, Qt::QueuedConnection);
}

} // namespace nightshift::engine
