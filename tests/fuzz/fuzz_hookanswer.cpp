#include "hooks/decision.h"
#include "input.h"

using namespace nightshift;
using hooks::Decision;

/// The first byte names the moment, and whether the answer is a program's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const auto moment = HookMoment(data[0] % (int(HookMoment::Result) + 1));
    const QByteArrayView text = fuzz::bytes(data, size).sliced(1);
    const Result<Decision> decision = hooks::readDecision(text, moment);
    if (!decision) {
        fuzz::mustHold(!decision.error().message.isEmpty(), "every error says what makes no sense");
        return 0;
    }
    (void)hooks::decisionName(*decision);
    fuzz::mustHold(hooks::readDecision(text, moment) == decision, "the same answer means the same");
    (void)hooks::replyOfProgram(data[0] >> 6, text.toByteArray(), QString::fromUtf8(text), moment);
    return 0;
}
