#pragma once
#include "engine/ledger.h"
#include "tools/tool.h"

namespace nightshift::engine {

/// A call that begins once all that was said before it is on the disk; nothing else waits meanwhile.
class RecordedCall final : public tools::ToolJob
{
    Q_OBJECT

public:
    using Begin = std::function<tools::ToolJob *(QObject *parent)>;
    /// The ledger outlives this. When it fails, the call is answered and never begun.
    RecordedCall(Ledger &ledger, const ToolCall &call, Begin begin, QObject *parent);

    void cancel() override;

private:
    void onRecorded();
    void answer(const QString &text);

    Ledger &m_ledger;
    const CallId m_id;
    const Begin m_begin;
    tools::ToolJob *m_job = nullptr; ///< Once it has begun.
    bool m_isAnswered = false;       ///< Without it.
};

} // namespace nightshift::engine
