#pragma once
#include "batch/options.h"
#include "domain/conversation.h"
#include "host/pathrules.h"

namespace nightshift::host {

/// What a script's send() asks of a session.
struct TurnAsk
{
    enum class WhenBusy {
        Queue,   ///< It waits for those before it.
        Steer,   ///< It joins the turn under way, whose result it then has.
        Replace, ///< It takes that turn's place.
        Reject,
    };
    UserInput input;
    std::optional<RawJson> schema;
    batch::Limits limits;
    WhenBusy whenBusy = WhenBusy::Queue;
};

/// {"input", "schema", "limits", "when_busy"}; Invalid names the member.
Result<TurnAsk> turnAskFromJson(JsonView call, const PathRules &rules);

/// A text, or parts {"type": "text", "text"}, {"type": "image", "path"} and {"type": "file", "path"}, whose paths are
/// those of inputs.
Result<UserInput> userInputFromJson(JsonView input, const PathRules &rules);

} // namespace nightshift::host
