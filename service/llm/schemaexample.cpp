#include "schemaexample.h"
#include <QStringList>
#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

/// "#/$defs/a" in the root; what leads nowhere is absent. Source: RFC 6901.
JsonView resolved(JsonView root, const QString &pointer)
{
    JsonView place = root;
    for (const QString &step : pointer.split(u'/').mid(1)) {
        QString name = step;
        name.replace("~1"_L1, "/"_L1).replace("~0"_L1, "~"_L1);
        place = place.isArray() ? place[name.toLongLong()] : place[name.toUtf8().constData()];
    }
    return place;
}

RawJson text(JsonView schema)
{
    static constexpr std::pair<QLatin1StringView, const char *> formats[]{
        {"date-time"_L1, "2026-01-01T00:00:00Z"},
        {"date"_L1, "2026-01-01"},
        {"time"_L1, "00:00:00Z"},
        {"duration"_L1, "PT1S"},
        {"email"_L1, "demo@example.org"},
        {"hostname"_L1, "example.org"},
        {"ipv4"_L1, "192.0.2.1"},
        {"ipv6"_L1, "2001:db8::1"},
        {"uri"_L1, "https://example.org/"},
        {"uuid"_L1, "00000000-0000-4000-8000-000000000000"}};
    const QString format = schema["format"].toString();
    for (const auto &[name, example] : formats) {
        if (name == format)
            return json::string(example);
    }
    QString words = u"demo"_s;
    while (words.size() < schema["minLength"].toInteger())
        words += u" demo"_s;
    return json::string(words.first(std::min<qsizetype>(words.size(), schema["maxLength"].toInteger(words.size()))));
}

RawJson number(JsonView schema, bool isWhole)
{
    const double step = schema["multipleOf"].toDouble(isWhole ? 1 : 0);
    double value = std::max(schema["minimum"].toDouble(0), 0.0);
    if (schema["exclusiveMinimum"].isNumber() && schema["exclusiveMinimum"].toDouble() >= value)
        value = schema["exclusiveMinimum"].toDouble() + (step > 0 ? step : 1);
    if (schema["maximum"].isNumber())
        value = std::min(value, schema["maximum"].toDouble());
    if (schema["exclusiveMaximum"].isNumber() && value >= schema["exclusiveMaximum"].toDouble())
        value = schema["exclusiveMaximum"].toDouble() - (step > 0 ? step : 1);
    if (step > 0)
        value = std::ceil(value / step) * step;
    return isWhole ? json::number(qint64(value)) : json::number(value);
}

RawJson example(JsonView schema, JsonView root, int depth);

RawJson object(JsonView schema, JsonView root, int depth)
{
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, property] : schema["properties"].members())
        members.emplace_back(name, example(property, root, depth + 1));
    return json::object(members);
}

RawJson list(JsonView schema, JsonView root, int depth)
{
    constexpr int deep = 4; // below, a list that may be empty is: it may hold what holds it
    const qint64 count = std::max<qint64>(schema["minItems"].toInteger(), depth < deep ? 1 : 0);
    return json::array(std::vector<RawJson>(size_t(std::min(count, schema["maxItems"].toInteger(count))),
                                            example(schema["items"], root, depth + 1)));
}

/// Of several alternatives the first, or where it gets deep the one that is nothing.
JsonView alternative(JsonView choices, int depth)
{
    constexpr int deep = 4;
    for (const JsonView choice : choices.items()) {
        if (depth >= deep && choice["type"].utf8() == "null")
            return choice;
    }
    return choices[qsizetype(0)];
}

RawJson example(JsonView schema, JsonView root, int depth)
{
    constexpr int deepest = 32; // a schema that never ends has no example
    if (depth > deepest)
        return json::null();
    if (schema["$ref"].isString())
        return example(resolved(root, schema["$ref"].toString()), root, depth + 1);
    if (schema["const"].exists())
        return schema["const"].raw();
    if (schema["enum"].isArray())
        return schema["enum"][qsizetype(0)].raw();
    if (schema["anyOf"].isArray())
        return example(alternative(schema["anyOf"], depth), root, depth + 1);
    const JsonView given = schema["type"];
    const QByteArrayView type = (given.isArray() ? given[qsizetype(0)] : given).utf8();
    if (type == "object" || schema["properties"].exists())
        return object(schema, root, depth);
    if (type == "array")
        return list(schema, root, depth);
    if (type == "string")
        return text(schema);
    if (type == "integer" || type == "number")
        return number(schema, type == "integer");
    return type == "boolean" ? json::boolean(false) : json::null();
}

} // namespace

RawJson exampleOf(JsonView schema)
{
    return example(schema, schema, 0);
}

} // namespace nightshift::llm
