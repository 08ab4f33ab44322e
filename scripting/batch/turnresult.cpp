#include "host/turnresult.h"

using namespace Qt::StringLiterals;

namespace nightshift::host {

namespace {

QString outcomeOf(const std::optional<TurnError> &error)
{
    if (!error)
        return u"completed"_s;
    switch (error->code) {
    case FailureCode::CancelledByUser:
        return u"cancelled"_s;
    case FailureCode::Interrupted:
    case FailureCode::ProcessLost:
        return u"interrupted"_s;
    default:
        return u"failed"_s;
    }
}

} // namespace

batch::ItemResult resultOf(const batch::Transcript &transcript, Wanted wanted)
{
    batch::ItemResult result;
    result.outcome = outcomeOf(transcript.error);
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

} // namespace nightshift::host
