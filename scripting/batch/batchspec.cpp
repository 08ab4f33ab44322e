#include "batchspec.h"
#include "batch/members.h"
#include "batch/texttemplate.h"
#include <QHash>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

/// Members of `session` that are at home elsewhere.
constexpr std::pair<const char *, const char *> elsewhere[]{
    {"key", "in /items or /key"}, {"prompt", "at /prompt"}, {"check", "at /check"}, {"retries", "at /retries"}};

void takeSession(Members &members, BatchSpec &spec)
{
    const JsonView session = members.member("session");
    if (!Members::isGiven(session))
        return;
    for (const auto &[name, where] : elsewhere) {
        if (session[name].exists())
            members.wrong(u"/session/%1"_s.arg(QLatin1StringView(name)),
                          u"that it stands "_s + QLatin1StringView(where));
    }
    if (auto options = optionsFromJson(session, u"/session"_s))
        spec.session = std::move(*options);
    else
        members.keep(options.error());
}

/// Those that every subtree has, and two that only many items together have.
void takeLimits(Members &members, BatchSpec &spec)
{
    const JsonView limits = members.member("limits");
    if (!Members::isGiven(limits))
        return;
    Members reader(limits, u"/limits"_s);
    std::optional<qint64> concurrency;
    reader.take("concurrency", concurrency);
    reader.take("max_failures", spec.maxFailures);
    takeMembers(reader, spec.limits);
    spec.concurrency = concurrency.value_or(0);
    if (const auto error = reader.error())
        members.keep(*error);
}

BatchSpec::Item itemFrom(JsonView object, const QString &pointer, Members &members)
{
    BatchSpec::Item item{.vars = RawJson{"{}"}};
    Members reader(object, pointer);
    reader.take("key", item.key);
    reader.take("prompt", item.prompt);
    for (const auto &[name, list] : {std::pair{"check", &item.check}, std::pair{"inputs", &item.inputs}}) {
        QStringList words;
        const bool isGiven = Members::isGiven(object[name]);
        reader.take(name, words);
        if (isGiven)
            *list = words;
    }
    const JsonView vars = reader.member("vars");
    if (vars.isObject())
        item.vars = vars.raw();
    else if (Members::isGiven(vars))
        reader.wrong("vars", u"an object"_s);
    if (const auto error = reader.error())
        members.keep(*error);
    return item;
}

void takeItems(Members &members, BatchSpec &spec)
{
    const JsonView items = members.member("items");
    if (!items.isArray() || items.size() == 0)
        return members.wrong("items", u"a list of at least one item"_s);
    for (const JsonView item : items.items())
        spec.items.push_back(itemFrom(item, u"/items/%1"_s.arg(spec.items.size()), members));
    const bool allAsk = std::ranges::none_of(spec.items, [](const auto &item) { return item.prompt.isEmpty(); });
    if (spec.prompt.isEmpty() && !allAsk)
        members.wrong("prompt", u"a text"_s);
}

void takeScript(Members &members, BatchSpec &spec)
{
    for (const char *name : {"items", "prompt", "key", "check", "retries", "on_limit"}) {
        if (Members::isGiven(members.member(name)))
            members.wrong(name, u"none beside /script, which says all of that itself"_s);
    }
    if (spec.session != Options{.cwd = spec.session.cwd})
        members.wrong("session", u"no more than cwd beside /script"_s);
    const JsonView args = members.member("args");
    if (Members::isGiven(args) && !args.isObject())
        members.wrong("args", u"an object"_s);
    spec.args = args.isObject() ? args.raw() : RawJson{"{}"};
}

void takeTable(Members &members, BatchSpec &spec)
{
    members.take("prompt", spec.prompt);
    members.take("key", spec.key);
    takeItems(members, spec);
    members.take("check", spec.session.check);
    if (const JsonView value = members.member("retries"); Members::isGiven(value)) {
        if (const auto retries = retriesFromJson(value, u"/retries"_s))
            spec.session.retries = *retries;
        else
            members.keep(retries.error());
    }
    QString onLimit = u"stop"_s;
    members.take("on_limit", onLimit);
    if (onLimit != "stop"_L1 && onLimit != "pause"_L1)
        members.wrong("on_limit", u"stop or pause"_s);
    spec.onLimit = onLimit == "pause"_L1 ? BatchSpec::OnLimit::Pause : BatchSpec::OnLimit::Stop;
}

std::optional<QString> given(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

std::optional<RawJson> given(const QStringList &words)
{
    return words.isEmpty() ? std::nullopt : std::optional(json::array(words));
}

std::optional<double> seconds(const std::optional<std::chrono::milliseconds> &time)
{
    return time ? std::optional(double(time->count()) / 1000) : std::nullopt;
}

RawJson limitsOf(const BatchSpec &spec)
{
    return toJson(spec.limits, spec.concurrency > 0 ? std::optional(spec.concurrency) : std::nullopt, spec.maxFailures);
}

RawJson toJson(const Retries &retries)
{
    return json::object({{"max", retries.max},
                         {"on", given(retries.on)},
                         {"backoff_s", seconds(retries.backOff)},
                         {"fresh", retries.fresh}});
}

/// Of options what all items share.
RawJson sessionOf(const Options &options)
{
    const bool hasLimits = options.limits != Limits();
    std::vector<std::pair<QString, RawJson>> labels;
    for (const auto &[name, value] : options.labels)
        labels.emplace_back(name, json::string(QStringView(value)));
    return json::object(
        {{"cwd", given(options.cwd)},
         {"model", given(options.model)},
         {"provider", given(options.provider)},
         {"effort", given(options.effort)},
         {"sandbox", given(options.sandbox)},
         {"isolation", options.isolation ? std::optional(isolationName(*options.isolation).toString()) : std::nullopt},
         {"schema", options.schema},
         {"instructions", given(options.instructions)},
         {"attachments", given(options.attachments)},
         {"inputs", given(options.inputs)},
         {"limits", hasLimits ? std::optional(toJson(options.limits)) : std::nullopt},
         {"labels", labels.empty() ? std::nullopt : std::optional(json::object(labels))},
         {"salt", given(options.salt)},
         {"approval", given(options.approval)},
         {"outputs", given(options.outputs)}});
}

RawJson toJson(const BatchSpec::Item &item)
{
    const auto words = [](const auto &list) { return list ? std::optional(json::array(*list)) : std::nullopt; };
    return json::object({{"key", given(item.key)},
                         {"vars", item.vars},
                         {"prompt", given(item.prompt)},
                         {"check", words(item.check)},
                         {"inputs", words(item.inputs)}});
}

Result<QString> keyOf(const BatchSpec &spec, const BatchSpec::Item &item, JsonView vars)
{
    if (!item.key.isEmpty())
        return item.key;
    if (!spec.key.isEmpty())
        return fillTemplate(spec.key.contains("{{"_L1) ? spec.key : u"{{%1}}"_s.arg(spec.key), vars, u"/key"_s,
                            QString());
    return usualKey(vars);
}

Result<Options> optionsOf(const BatchSpec &spec, const BatchSpec::Item &item, const ReadInput &read)
{
    const auto document = JsonDocument::parse(item.vars.text);
    if (!document)
        return std::unexpected(document.error());
    const JsonView vars = document->root();
    Options options = spec.session;
    const auto key = keyOf(spec, item, vars);
    const auto prompt = fillTemplate(item.prompt.isEmpty() ? spec.prompt : item.prompt, vars, u"the prompt"_s, read);
    const auto check = fillTemplates(item.check.value_or(options.check), vars, u"/check"_s, read);
    const auto inputs = fillTemplates(item.inputs.value_or(options.inputs), vars, u"/session/inputs"_s, read);
    for (const Error *error : {key ? nullptr : &key.error(), prompt ? nullptr : &prompt.error(),
                               check ? nullptr : &check.error(), inputs ? nullptr : &inputs.error()}) {
        if (error)
            return std::unexpected(*error);
    }
    options.key = *key;
    options.prompt = *prompt;
    options.check = *check;
    options.inputs = *inputs;
    return options;
}

} // namespace

Result<BatchSpec> batchSpecFromJson(JsonView object)
{
    BatchSpec spec;
    Members members(object, {});
    members.take("name", spec.name);
    members.take("script", spec.script);
    members.take("webhook", spec.webhook);
    takeSession(members, spec);
    takeLimits(members, spec);
    if (spec.isScript())
        takeScript(members, spec);
    else
        takeTable(members, spec);
    if (const auto error = members.error())
        return std::unexpected(*error);
    return spec;
}

RawJson toJson(const BatchSpec &spec)
{
    if (spec.isScript())
        return json::object({{"name", given(spec.name)},
                             {"script", spec.script},
                             {"args", spec.args},
                             {"session", sessionOf(spec.session)},
                             {"limits", limitsOf(spec)},
                             {"webhook", given(spec.webhook)}});
    std::vector<RawJson> items;
    for (const BatchSpec::Item &item : spec.items)
        items.push_back(toJson(item));
    return json::object(
        {{"name", given(spec.name)},
         {"items", json::array(items)},
         {"prompt", given(spec.prompt)},
         {"key", given(spec.key)},
         {"session", sessionOf(spec.session)},
         {"check", given(spec.session.check)},
         {"retries", spec.session.retries.max > 0 ? std::optional(toJson(spec.session.retries)) : std::nullopt},
         {"limits", limitsOf(spec)},
         {"on_limit", spec.onLimit == BatchSpec::OnLimit::Pause ? "pause" : "stop"},
         {"webhook", given(spec.webhook)}});
}

Result<std::vector<Options>> itemsOf(const BatchSpec &spec, const ReadInput &read)
{
    std::vector<Options> items;
    QHash<QString, size_t> known;
    for (const BatchSpec::Item &item : spec.items) {
        const QString place = u"/items/%1"_s.arg(items.size());
        auto options = optionsOf(spec, item, read);
        if (!options)
            return failAt(place, options.error());
        if (!options->key.isEmpty() && known.contains(options->key))
            return fail(
                Error::Kind::Invalid,
                u"%1: it has the key `%2` of /items/%3"_s.arg(place, options->key).arg(known.value(options->key)));
        known.insert(options->key, items.size());
        items.push_back(std::move(*options));
    }
    return items;
}

QString asTemplate(QString text)
{
    return text.replace("{{"_L1, "\\{{"_L1);
}

} // namespace nightshift::batch
