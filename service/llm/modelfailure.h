#pragma once
#include "base/jsonreader.h"
#include "domain/ending.h"
#include "llm/httpclient.h"
#include <chrono>
#include <optional>

namespace nightshift::llm {

/// Why a model gave no complete answer, and whether asking again can help.
struct ModelFailure
{
    enum class Retry {
        Never,     ///< asking again would get the same answer
        Announced, ///< ask again after telling the user
        Silent,    ///< never reached a model: repeat quietly first, then as Announced
    };
    FailureCode code = FailureCode::Internal;
    QString message; ///< One sentence; the reference's words where clients match on them.
    Retry retry = Retry::Never;
    std::optional<std::chrono::milliseconds> after; ///< What the server asked us to wait.
    bool operator==(const ModelFailure &) const = default;
};

/// An answer with a status other than 200.
ModelFailure failureOfStatus(int status, const HttpHeaders &headers, const QByteArray &body, const QString &url);
/// The `error` object of a stream: {code, message}.
ModelFailure failureOfStream(JsonView error);
/// The model stopped before its answer was complete: `max_output_tokens`, `content_filter`, a server's trouble.
ModelFailure failureOfIncomplete(const QString &reason);
/// The conversation does not fit the model any more.
ModelFailure failureOfFullContext();
/// Nothing came, or it stopped coming.
ModelFailure failureOfConnection(const Error &error, const QString &url);
ModelFailure failureOfCut();
ModelFailure failureOfSilence(std::chrono::milliseconds silence);
/// The same for so long that whoever asked wants no more of it.
ModelFailure failureOfIdleness(std::chrono::milliseconds limit);

} // namespace nightshift::llm
