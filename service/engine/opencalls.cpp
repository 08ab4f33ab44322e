#include "opencalls.h"
#include <algorithm>

namespace nightshift::engine {

void OpenCalls::answer(const CallId &id, const ToolAnswer &answer)
{
    const auto call = std::ranges::find_if(m_calls, [&](const Call &c) { return c.call.id == id && !c.answer; });
    Q_ASSERT(call != m_calls.end());
    call->answer = answer;
    call->job = nullptr;
}

void OpenCalls::cancel()
{
    for (const Call &call : m_calls) {
        if (call.job)
            call.job->cancel();
    }
}

bool OpenCalls::areAnswered() const
{
    return std::ranges::all_of(m_calls, [](const Call &call) { return call.answer.has_value(); });
}

} // namespace nightshift::engine
