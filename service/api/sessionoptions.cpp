#include "sessionoptions.h"
#include "schema/outputschema.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

static constexpr std::pair<const char *, std::optional<qint64> SessionLimits::*> counts[] = {
    {"turns", &SessionLimits::turns},        {"requests", &SessionLimits::requests},
    {"tokens", &SessionLimits::tokens},      {"wall_s", &SessionLimits::wallSeconds},
    {"idle_s", &SessionLimits::idleSeconds}, {"command_s", &SessionLimits::commandSeconds}};

SessionLimits readLimits(FieldReader fields)
{
    SessionLimits limits;
    for (const auto &[name, member] : counts)
        limits.*member = fields.integer(name);
    limits.costUsd = fields.positive("cost_usd");
    fields.finish();
    return limits;
}

SessionLimits readTurnLimits(FieldReader fields)
{
    for (const char *name : {"turns", "idle_s", "command_s"}) {
        if (fields.take(name).exists())
            fields.refuse(name, u"is a limit of the session, not of one turn"_s);
    }
    return readLimits(std::move(fields));
}

SessionLimits merged(SessionLimits older, const SessionLimits &newer)
{
    for (const auto &[name, member] : counts)
        older.*member = newer.*member ? newer.*member : older.*member;
    older.costUsd = newer.costUsd ? newer.costUsd : older.costUsd;
    return older;
}

ApprovalOptions readApproval(FieldReader fields, ApprovalOptions approval)
{
    approval.policy = fields.word("policy", {u"never"_s, u"on-request"_s}).value_or(approval.policy);
    approval.waitSeconds = fields.integer("wait_s", 0).value_or(approval.waitSeconds);
    approval.otherwise = fields.word("default", {u"deny"_s, u"allow"_s}).value_or(approval.otherwise);
    fields.finish();
    return approval;
}

static QString readSandbox(FieldReader &fields)
{
    return fields.word("sandbox", {u"read-only"_s, u"workspace-write"_s, u"danger-full-access"_s}).value_or(QString());
}

void readPlace(FieldReader &fields, TurnOptions &turn)
{
    turn.cwd = fields.string("cwd").value_or(QString());
    turn.sandbox = readSandbox(fields);
    turn.network = fields.boolean("network_access");
}

SessionOptions readSessionOptions(FieldReader &fields)
{
    SessionOptions options;
    options.title = fields.string("title").value_or(QString());
    options.labels = fields.strings("labels").value_or(Labels());
    options.externalId = fields.string("external_id").value_or(QString());
    options.cwd = fields.string("cwd").value_or(QString());
    options.model = fields.string("model").value_or(QString());
    options.provider = fields.string("provider").value_or(QString());
    options.sandbox = readSandbox(fields);
    options.network = fields.boolean("network_access");
    options.isolation =
        fields.word("isolation", {u"none"_s, u"worktree"_s, u"overlay"_s, u"copy"_s}).value_or(QString());
    options.approval = readApproval(fields.object("approval"));
    options.onRestart = fields.word("on_restart", {u"resume"_s, u"interrupt"_s}).value_or(QString());
    options.limits = readLimits(fields.object("limits"));
    return options;
}

static InputPart readPart(FieldReader part)
{
    using Kind = InputPart::Kind;
    const auto type = part.word("type", {u"text"_s, u"image"_s, u"file"_s});
    if (!type) {
        if (!part.take("type").exists() && !part.isEmpty())
            part.refuse("type", u"is missing"_s);
        return {};
    }
    const auto kind = type == u"image"_s ? Kind::Image : type == u"file"_s ? Kind::File : Kind::Text;
    const char *member = kind == Kind::Text ? "text" : "path";
    const auto text = part.string(member);
    if (!text)
        part.refuse(member, u"is missing"_s);
    part.finish();
    return {kind, text.value_or(QString())};
}

TurnOptions readTurnOptions(FieldReader &fields)
{
    TurnOptions options;
    // A bare string is what most have to say.
    if (const JsonView input = fields.take("input"); input.isString()) {
        options.input.push_back({InputPart::Kind::Text, input.toString()});
    } else {
        for (FieldReader &part : fields.objects("input"))
            options.input.push_back(readPart(part));
    }
    options.whenBusy =
        fields.word("when_busy", {u"queue"_s, u"steer"_s, u"replace"_s, u"reject"_s}).value_or(options.whenBusy);
    options.goesOn = fields.boolean("continue").value_or(false);
    if (const JsonView schema = fields.take("schema"); schema.exists()) {
        options.schema = schema.raw();
        if (const auto read = schema::OutputSchema::parse(options.schema->text); !read)
            fields.refuse("schema", read.error().message);
    }
    return options;
}

RawJson toJson(const SessionLimits &limits)
{
    return json::object({{"turns", limits.turns},
                         {"requests", limits.requests},
                         {"tokens", limits.tokens},
                         {"cost_usd", limits.costUsd},
                         {"wall_s", limits.wallSeconds},
                         {"idle_s", limits.idleSeconds},
                         {"command_s", limits.commandSeconds}});
}

RawJson toJson(const ApprovalOptions &approval)
{
    return json::object(
        {{"policy", approval.policy}, {"wait_s", approval.waitSeconds}, {"default", approval.otherwise}});
}

RawJson toJson(const Labels &labels)
{
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, value] : labels)
        members.emplace_back(name, json::string(QStringView(value)));
    return json::object(members);
}

RawJson toJson(const std::vector<InputPart> &input)
{
    using Kind = InputPart::Kind;
    std::vector<RawJson> parts;
    for (const InputPart &part : input) {
        const char *type = part.kind == Kind::Text ? "text" : part.kind == Kind::Image ? "image" : "file";
        parts.push_back(json::object({{"type", type}, {part.kind == Kind::Text ? "text" : "path", part.text}}));
    }
    return json::array(parts);
}

} // namespace nightshift::api
