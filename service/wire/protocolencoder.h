#pragma once
#include "base/rawjson.h"
#include "domain/event.h"

namespace nightshift::wire {

/// The older protocol's lines of one run: what it works with, the prompt, then {"id","msg":{"type",…}} for each
/// event. Deltas of text are left out, as its own writer did. `id` numbers the submissions: "0" for what precedes
/// the first turn, then that of the latest turn.
///
/// The prompt stands second although it is said later: lines wait until it is known.
class ProtocolEncoder
{
public:
    /// For a run that goes on with a session, `earlier` are the messages of what happened in it before.
    explicit ProtocolEncoder(std::vector<RawJson> earlier = {})
        : m_earlier(std::move(earlier))
    {}

    std::vector<RawJson> encode(const Event &event);
    /// The last lines of a run, the shutdown's among them.
    std::vector<RawJson> finish();

    /// What `earlier` holds for this event, absent where the protocol does not repeat it.
    static std::optional<RawJson> earlierMessage(const Event &event);

private:
    std::vector<RawJson> messages(const Event &event) const;
    RawJson line(RawJson message) const;

    std::vector<RawJson> m_earlier;
    std::vector<RawJson> m_waiting; ///< For the prompt.
    bool m_introduced = false;
    int m_submission = 0;
};

} // namespace nightshift::wire
