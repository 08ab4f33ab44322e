#include "modelfailure.h"
#include "base/credentials.h"
#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::llm {

namespace {

using Retry = ModelFailure::Retry;
using std::chrono::milliseconds;

/// For the statuses a model server may answer with; clients match on the pair "401 Unauthorized".
QLatin1StringView reasonPhrase(int status)
{
    switch (status) {
    case 400:
        return "Bad Request"_L1;
    case 401:
        return "Unauthorized"_L1;
    case 402:
        return "Payment Required"_L1;
    case 403:
        return "Forbidden"_L1;
    case 404:
        return "Not Found"_L1;
    case 405:
        return "Method Not Allowed"_L1;
    case 408:
        return "Request Timeout"_L1;
    case 409:
        return "Conflict"_L1;
    case 413:
        return "Payload Too Large"_L1;
    case 415:
        return "Unsupported Media Type"_L1;
    case 422:
        return "Unprocessable Entity"_L1;
    case 429:
        return "Too Many Requests"_L1;
    case 500:
        return "Internal Server Error"_L1;
    case 502:
        return "Bad Gateway"_L1;
    case 503:
        return "Service Unavailable"_L1;
    case 504:
        return "Gateway Timeout"_L1;
    case 529: // Anthropic's own
        return "Overloaded"_L1;
    default:
        return {};
    }
}

/// Source: RFC 9110, section 10.2.3; only the form in seconds, which is what model servers send.
std::optional<milliseconds> retryAfter(const HttpHeaders &headers)
{
    for (const auto &[name, value] : headers) {
        bool ok = false;
        const double number = value.toDouble(&ok);
        if (!ok || number < 0)
            continue;
        if (name == "retry-after-ms")
            return milliseconds(std::llround(number));
        if (name == "retry-after")
            return milliseconds(std::llround(number * 1000));
    }
    return {};
}

/// "Please try again in 1.5s", which is all that some servers say.
std::optional<milliseconds> delayInText(QStringView text)
{
    constexpr auto marker = "try again in "_L1;
    const qsizetype start = text.indexOf(marker, 0, Qt::CaseInsensitive);
    if (start < 0)
        return {};
    const QStringView rest = text.sliced(start + marker.size());
    qsizetype end = 0;
    while (end < rest.size() && (rest[end].isDigit() || rest[end] == u'.'))
        ++end;
    bool ok = false;
    const double number = rest.first(end).toDouble(&ok);
    if (!ok)
        return {};
    const QStringView unit = rest.sliced(end).trimmed();
    if (unit.startsWith("ms"_L1))
        return milliseconds(std::llround(number));
    if (unit.startsWith(u's'))
        return milliseconds(std::llround(number * 1000));
    return {};
}

ModelFailure quotaExceeded()
{
    return {FailureCode::RateLimited, u"Quota exceeded. Check your plan and billing details."_s};
}

ModelFailure usageLimit(JsonView error)
{
    QString text = u"You've hit your usage limit"_s;
    if (const QString plan = error["plan_type"].toString(); !plan.isEmpty())
        text += u" of the %1 plan"_s.arg(plan);
    if (error["resets_in_seconds"].isNumber())
        text += u"; it resets in %1 s"_s.arg(error["resets_in_seconds"].toInteger());
    return {FailureCode::RateLimited, text};
}

QString cutMessage(const QString &why)
{
    return u"stream disconnected before completion: "_s + why;
}

/// In the words of many servers; only some have a code for it.
bool saysContextIsFull(QStringView code, QStringView said)
{
    static constexpr QLatin1StringView codes[]{"context_length_exceeded"_L1, "exceed_context_size_error"_L1};
    static constexpr QLatin1StringView phrases[]{
        "prompt is too long"_L1,                    // Anthropic
        "exceed context limit"_L1,                  // Anthropic, counting the room for the answer
        "input is too long for requested model"_L1, // Bedrock
        "maximum context length"_L1,                // vLLM, OpenRouter, DeepSeek, Mistral
        "exceeds the available context size"_L1,    // llama.cpp
        "exceed context window"_L1,                 // llama-cpp-python
        "context size has been exceeded"_L1,        // LM Studio
        "loaded with context length of only"_L1,    // LM Studio
        "greater than the context length"_L1,       // LM Studio
        "exceeds maximum context length"_L1,        // Ollama
        "exceeds the maximum number of tokens"_L1,  // Gemini
        "reduce the length of the messages"_L1,     // Groq
    };
    return std::ranges::any_of(codes, [code](auto known) { return code == known; }) ||
           std::ranges::any_of(phrases, [said](auto phrase) { return said.contains(phrase, Qt::CaseInsensitive); });
}

} // namespace

/// The server says that asking again is of no use. Source: OpenAI's own client libraries.
static bool isFinal(const HttpHeaders &headers)
{
    return std::ranges::contains(headers, HttpHeaders::value_type{"x-should-retry", "false"});
}

ModelFailure failureOfStatus(int status, const HttpHeaders &headers, const QByteArray &body, const QString &url)
{
    const auto document = JsonDocument::parse(body);
    const JsonView root = document ? document->root() : JsonView();
    const JsonView error = root["error"].exists() ? root["error"] : root; // vLLM and Mistral have it bare
    const QString code = error["code"].toString(error["type"].toString());
    const QString said = error["message"].toString(error.toString(QString::fromUtf8(body).trimmed()));
    const QString line = u"%1 %2"_s.arg(status).arg(reasonPhrase(status)).trimmed();
    const QString unexpected = u"unexpected status %1: %2, url: %3"_s.arg(line, said, withoutUrlSecrets(url));

    if (status != 429 && saysContextIsFull(code, said))
        return failureOfFullContext();
    if (status == 429) {
        if (error["type"].utf8() == "usage_limit_reached")
            return usageLimit(error);
        const bool spent = error["details"]["error_code"].utf8() == "enforced_spend_limit_reached";
        if (code == "insufficient_quota"_L1 || spent)
            return quotaExceeded();
        return {FailureCode::RateLimited, u"exceeded retry limit, last status: "_s + line,
                isFinal(headers) ? Retry::Never : Retry::Announced, retryAfter(headers)};
    }
    if (status >= 500 || status == 408)
        return {FailureCode::ModelUnavailable, unexpected, Retry::Silent, retryAfter(headers)};
    switch (status) {
    case 400:
        return {FailureCode::BadRequest, QString::fromUtf8(body)};
    case 401:
    case 403:
        return {FailureCode::Auth, unexpected};
    case 404:
        return {FailureCode::ModelNotFound, error["message"].isString() ? said : unexpected};
    default:
        return {FailureCode::BadRequest, unexpected};
    }
}

ModelFailure failureOfStream(JsonView error)
{
    const QString code = error["code"].toString(error["type"].toString());
    const QString said = error["message"].toString(error.toString(u"the model server gave no reason"_s));
    if (saysContextIsFull(code, said))
        return failureOfFullContext();
    if (code == "insufficient_quota"_L1)
        return quotaExceeded();
    if (code == "usage_not_included"_L1)
        return {FailureCode::Auth, u"To use this model, upgrade your plan: "_s + said};
    if (code == "model_not_found"_L1 || code == "not_found_error"_L1)
        return {FailureCode::ModelNotFound, said};
    if (code == "authentication_error"_L1 || code == "permission_error"_L1)
        return {FailureCode::Auth, said};
    for (const auto refused : {"invalid_prompt"_L1, "content_policy_violation"_L1, "cyber_policy"_L1, "bio_policy"_L1,
                               "invalid_request_error"_L1, "request_too_large"_L1}) {
        if (code == refused)
            return {FailureCode::BadRequest, said};
    }
    if (code == "server_is_overloaded"_L1)
        return {FailureCode::ModelUnavailable, u"The selected model is at capacity. Try a different model."_s};
    if (code == "rate_limit_exceeded"_L1 || code == "rate_limit_error"_L1)
        return {FailureCode::RateLimited, u"rate limit exceeded: "_s + said, Retry::Announced, delayInText(said)};
    if (code == "slow_down"_L1)
        return {FailureCode::RateLimited, u"rate limit exceeded: "_s + said, Retry::Announced, {}};
    return {FailureCode::ModelUnavailable, cutMessage(said), Retry::Announced, {}};
}

ModelFailure failureOfFullContext()
{
    return {FailureCode::ContextExhausted,
            u"The conversation ran out of room in the model's context window. Start a new session, or clear earlier "
            "history before retrying."_s};
}

ModelFailure failureOfIncomplete(const QString &reason)
{
    const QString message = u"Incomplete response returned, reason: "_s + reason;
    // The next answer may be another one; the words behind the first are those of servers that had trouble.
    for (const auto passing : {"content_filter"_L1, "error"_L1, "abort"_L1, "insufficient_system_resource"_L1}) {
        if (reason == passing)
            return {FailureCode::ModelUnavailable, cutMessage(message), Retry::Announced, {}};
    }
    return {FailureCode::ModelUnavailable, message};
}

ModelFailure failureOfConnection(const Error &error, const QString &url)
{
    return {FailureCode::Network,
            u"Connection failed: %1, url: %2"_s.arg(error.message, withoutUrlSecrets(url)),
            Retry::Silent,
            {}};
}

ModelFailure failureOfCut()
{
    return {FailureCode::Network, cutMessage(u"stream closed before response.completed"_s), Retry::Announced, {}};
}

ModelFailure failureOfSilence(milliseconds silence)
{
    return {FailureCode::ModelStalled,
            cutMessage(u"the model server sent nothing for %1 ms"_s.arg(silence.count())),
            Retry::Announced,
            {}};
}

ModelFailure failureOfIdleness(milliseconds limit)
{
    return {FailureCode::LimitIdle, u"the model server sent nothing for %1 ms, the idle limit"_s.arg(limit.count())};
}

} // namespace nightshift::llm
