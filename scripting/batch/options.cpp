#include "options.h"
#include "batch/members.h"
#include "domain/ending.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

using std::chrono::milliseconds;

void takeLabels(Members &members, Options &options)
{
    for (const auto &[name, value] : members.member("labels").members()) {
        if (!value.isString())
            members.wrong(members.at(u"labels/"_s + name), u"a text"_s);
        options.labels.emplace_back(name, value.toString());
    }
}

void takeIsolation(Members &members, Options &options)
{
    QString name;
    members.take("isolation", name);
    if (name.isEmpty())
        return;
    options.isolation = isolationFromName(name);
    if (!options.isolation || options.isolation == Isolation::Overlay)
        members.wrong("isolation", u"none, worktree or copy"_s);
}

} // namespace

bool isRetryable(QStringView reason)
{
    static constexpr QLatin1StringView reasons[]{
        "schema_mismatch"_L1, "rate_limited"_L1,  "model_unavailable"_L1, "model_stalled"_L1, "network"_L1,
        "tool_crash"_L1,      "sandbox_error"_L1, "interrupted"_L1,       "process_lost"_L1,  "cancelled_by_user"_L1};
    return std::ranges::any_of(reasons, [reason](auto known) { return known == reason; });
}

bool isReason(QStringView word)
{
    static constexpr QLatin1StringView others[]{"check_failed"_L1,     "model_refusal"_L1,  "script_error"_L1,
                                                "limit_turns"_L1,      "internal"_L1,       "signal"_L1,
                                                "approval_timeout"_L1, "server_restart"_L1, "server_shutdown"_L1};
    return codeFromName(word) != FailureCode::Internal ||
           std::ranges::any_of(others, [word](auto known) { return known == word; });
}

void takeMembers(Members &members, Limits &limits)
{
    members.take("turns", limits.turns);
    members.take("requests", limits.requests);
    members.take("tokens", limits.tokens);
    members.take("cost_usd", limits.costUsd);
    members.take("wall_s", limits.wall);
    members.take("idle_s", limits.idle);
    members.take("command_s", limits.command);
}

Result<Limits> limitsFromJson(JsonView object, const QString &pointer)
{
    Limits limits;
    Members members(object, pointer);
    takeMembers(members, limits);
    if (const auto error = members.error())
        return std::unexpected(*error);
    return limits;
}

RawJson toJson(const Limits &limits, std::optional<qint64> concurrency, std::optional<qint64> maxFailures)
{
    const auto seconds = [](const auto &time) {
        return time ? std::optional(double(time->count()) / 1000) : std::nullopt;
    };
    return json::object({{"concurrency", concurrency},
                         {"turns", limits.turns},
                         {"requests", limits.requests},
                         {"tokens", limits.tokens},
                         {"cost_usd", limits.costUsd},
                         {"wall_s", seconds(limits.wall)},
                         {"idle_s", seconds(limits.idle)},
                         {"command_s", seconds(limits.command)},
                         {"max_failures", maxFailures}});
}

Result<Retries> retriesFromJson(JsonView value, const QString &pointer)
{
    if (value.isInteger() && value.toInteger() >= 0)
        return Retries{.max = int(value.toInteger()), .on = {}};
    Retries retries{.max = 1, .on = {}};
    Members members(value, pointer);
    std::optional<qint64> max;
    std::optional<milliseconds> backOff;
    members.take("max", max);
    members.take("on", retries.on);
    if (const auto odd = std::ranges::find_if_not(retries.on, isReason); odd != retries.on.end())
        members.wrong("on", u"reasons of failures, and `%1` is none"_s.arg(*odd));
    if (const JsonView pause = members.member("backoff_s"); pause.isNumber() && pause.toDouble() == 0)
        backOff = milliseconds(0);
    else
        members.take("backoff_s", backOff);
    retries.fresh = members.member("fresh").toBool(true);
    if (const auto error = members.error())
        return std::unexpected(*error);
    retries.max = int(max.value_or(retries.max));
    retries.backOff = backOff.value_or(retries.backOff);
    return retries;
}

Result<Options> optionsFromJson(JsonView object, const QString &pointer)
{
    Options options;
    Members members(object, pointer);
    for (const auto &[name, text] :
         std::initializer_list<std::pair<const char *, QString *>>{{"key", &options.key},
                                                                   {"prompt", &options.prompt},
                                                                   {"cwd", &options.cwd},
                                                                   {"model", &options.model},
                                                                   {"provider", &options.provider},
                                                                   {"effort", &options.effort},
                                                                   {"sandbox", &options.sandbox},
                                                                   {"instructions", &options.instructions},
                                                                   {"salt", &options.salt},
                                                                   {"approval", &options.approval}})
        members.take(name, *text);
    members.take("attachments", options.attachments);
    members.take("inputs", options.inputs);
    members.take("check", options.check);
    members.take("outputs", options.outputs);
    takeIsolation(members, options);
    takeLabels(members, options);
    if (const JsonView schema = members.member("schema"); Members::isGiven(schema))
        options.schema = schema.raw();
    if (const JsonView value = members.member("limits"); Members::isGiven(value)) {
        if (const auto limits = limitsFromJson(value, members.at(u"limits"_s)))
            options.limits = *limits;
        else
            members.keep(limits.error());
    }
    if (const JsonView value = members.member("retries"); Members::isGiven(value)) {
        if (const auto retries = retriesFromJson(value, members.at(u"retries"_s)))
            options.retries = *retries;
        else
            members.keep(retries.error());
    }
    if (const auto error = members.error())
        return std::unexpected(*error);
    return options;
}

} // namespace nightshift::batch
