#include "options.h"
#include <cmath>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

using std::chrono::milliseconds;

/// Reads members one by one; the first that has the wrong type is the error.
class Members
{
public:
    Members(JsonView object, QString pointer)
        : m_object(object)
        , m_pointer(std::move(pointer))
    {
        if (!object.isObject())
            wrong(m_pointer, u"an object"_s);
    }

    void take(const char *name, QString &target)
    {
        if (const JsonView value = member(name); value.isString())
            target = value.toString();
        else if (isGiven(value))
            wrong(name, u"a text"_s);
    }

    void take(const char *name, QStringList &target)
    {
        const JsonView value = member(name);
        if (isGiven(value) && !value.isArray())
            return wrong(name, u"a list of texts"_s);
        for (const JsonView item : value.items()) {
            if (!item.isString())
                return wrong(name, u"a list of texts"_s);
            target += item.toString();
        }
    }

    void take(const char *name, std::optional<qint64> &target)
    {
        if (const auto number = positive(name))
            target = qint64(*number);
    }

    void take(const char *name, std::optional<double> &target)
    {
        if (const auto number = positive(name))
            target = *number;
    }

    void take(const char *name, std::optional<milliseconds> &target)
    {
        if (const auto seconds = positive(name))
            target = milliseconds(std::llround(*seconds * 1000));
    }

    JsonView member(const char *name)
    {
        m_known.push_back(QString::fromLatin1(name));
        return m_object[name];
    }

    static bool isGiven(JsonView value) { return value.exists() && !value.isNull(); }

    QString at(const QString &name) const { return m_pointer + u'/' + name; }

    void wrong(const QString &pointer, const QString &expected)
    {
        if (!m_error)
            m_error =
                Error{Error::Kind::Invalid, u"%1: expected %2"_s.arg(pointer.isEmpty() ? u"/"_s : pointer, expected)};
    }
    void wrong(const char *name, const QString &expected) { wrong(at(QString::fromLatin1(name)), expected); }
    void keep(const Error &error) { m_error = m_error ? m_error : error; }

    /// The first error; a member that nobody asked for is one.
    std::optional<Error> error()
    {
        for (const auto &[name, value] : m_object.members()) {
            if (!m_known.contains(name) && !m_error)
                m_error = Error{Error::Kind::Invalid,
                                u"%1: no such option; expected one of %2"_s.arg(at(name), m_known.join(", "_L1))};
        }
        return m_error;
    }

private:
    std::optional<double> positive(const char *name)
    {
        const JsonView value = member(name);
        if (!isGiven(value))
            return {};
        if (value.isNumber() && value.toDouble() > 0)
            return value.toDouble();
        wrong(name, u"a number above 0"_s);
        return {};
    }

    JsonView m_object;
    QString m_pointer;
    QStringList m_known;
    std::optional<Error> m_error;
};

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

Result<Limits> limitsFromJson(JsonView object, const QString &pointer)
{
    Limits limits;
    Members members(object, pointer);
    members.take("turns", limits.turns);
    members.take("requests", limits.requests);
    members.take("tokens", limits.tokens);
    members.take("cost_usd", limits.costUsd);
    members.take("wall_s", limits.wall);
    members.take("idle_s", limits.idle);
    members.take("command_s", limits.command);
    if (const auto error = members.error())
        return std::unexpected(*error);
    return limits;
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
