#include "turnresult.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

ItemResult resultOf(const Transcript &transcript, Wanted wanted)
{
    ItemResult result;
    result.outcome = transcript.error ? outcomeOf(transcript.error->code) : u"completed"_s;
    result.reason = transcript.error     ? codeName(transcript.error->code).toString()
                    : transcript.refusal ? u"model_refusal"_s
                                         : u"final_message"_s;
    result.message = transcript.error ? transcript.error->message : QString();
    result.ok = !transcript.error && !transcript.refusal;
    result.text = transcript.text.value_or(QString());
    if (result.ok && wanted == Wanted::Json)
        result.json = compact(RawJson{result.text.toUtf8()});
    result.usage = transcript.usage;
    result.files = transcript.files;
    result.attempts = {{.session = {},
                        .outcome = result.outcome,
                        .reason = result.reason,
                        .message = result.message,
                        .usage = transcript.usage,
                        .requests = transcript.requests}};
    return result;
}

} // namespace nightshift::batch
