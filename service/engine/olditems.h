#pragma once
#include "base/jsonreader.h"
#include "domain/event.h"
#include <map>

namespace nightshift::engine {

/// What the items of a conversation tell, for logs that hold no events: messages, thoughts, and the commands of the
/// shell tools of 2025.
class OldItems
{
public:
    std::vector<Event> events(JsonView item);

private:
    std::vector<Event> called(JsonView item);
    std::vector<Event> answered(JsonView item);

    std::map<CallId, CommandLine> m_open;
};

} // namespace nightshift::engine
