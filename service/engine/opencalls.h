#pragma once
#include "tools/tool.h"

namespace nightshift::engine {

/// The calls of the model's last answer, in the order it made them; each gets exactly one answer.
class OpenCalls
{
public:
    struct Call
    {
        ToolCall call;
        tools::ToolJob *job = nullptr; ///< Under way; null once answered. Its parent owns it.
        std::optional<ToolAnswer> answer;
    };

    void add(Call call) { m_calls.push_back(std::move(call)); }
    /// Ids are the model's and may repeat: the answer is for the first of that id still open.
    void answer(const CallId &id, const ToolAnswer &answer);
    /// Asks all jobs to end; their answers follow.
    void cancel();

    bool isEmpty() const { return m_calls.empty(); }
    bool areAnswered() const;
    std::vector<Call> take() { return std::exchange(m_calls, {}); }

private:
    std::vector<Call> m_calls;
};

} // namespace nightshift::engine
