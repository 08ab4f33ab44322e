#include "strictrules.h"
#include <QRegularExpression>
#include <QStringList>

using namespace Qt::StringLiterals;

namespace nightshift::schema {

namespace {

constexpr QLatin1StringView keywords[] = {
    "$comment"_L1,
    "$defs"_L1,
    "$id"_L1,
    "$ref"_L1,
    "$schema"_L1,
    "additionalProperties"_L1,
    "anyOf"_L1,
    "const"_L1,
    "default"_L1,
    "definitions"_L1,
    "description"_L1,
    "enum"_L1,
    "examples"_L1,
    "exclusiveMaximum"_L1,
    "exclusiveMinimum"_L1,
    "format"_L1,
    "items"_L1,
    "maxItems"_L1,
    "maxLength"_L1,
    "maximum"_L1,
    "minItems"_L1,
    "minLength"_L1,
    "minimum"_L1,
    "multipleOf"_L1,
    "pattern"_L1,
    "properties"_L1,
    "required"_L1,
    "title"_L1,
    "type"_L1,
};

QString escaped(QString name)
{
    return name.replace(u'~', u"~0"_s).replace(u'/', u"~1"_s); // RFC 6901, section 3
}

std::unexpected<Error> wrong(const QString &pointer, const QString &what)
{
    return fail(Error::Kind::Invalid, u"at %1: %2"_s.arg(pointer.isEmpty() ? u"the root"_s : pointer, what));
}

bool isType(JsonView schema, QByteArrayView wanted)
{
    const JsonView type = schema["type"];
    if (type.utf8() == wanted)
        return true;
    return std::ranges::any_of(type.items(), [&](JsonView one) { return one.utf8() == wanted; });
}

Result<> check(JsonView schema, const QString &pointer);

Result<> checkAll(JsonView schemas, const QString &pointer)
{
    for (const auto &[name, schema] : schemas.members()) {
        if (const auto checked = check(schema, pointer + u'/' + escaped(name)); !checked)
            return checked;
    }
    return {};
}

Result<> checkObject(JsonView schema, const QString &pointer)
{
    const JsonView closed = schema["additionalProperties"];
    if (!closed.isBool() || closed.toBool())
        return wrong(pointer, u"an object needs \"additionalProperties\": false"_s);
    QStringList required;
    for (const JsonView name : schema["required"].items())
        required += name.toString();
    for (const auto &[name, property] : schema["properties"].members()) {
        if (!required.contains(name))
            return wrong(pointer + u"/properties/"_s + escaped(name),
                         u"every property must be listed in \"required\""_s);
    }
    for (const QString &name : std::as_const(required)) {
        if (!schema["properties"][name.toUtf8().constData()].exists())
            return wrong(pointer + u"/required"_s, u"\"%1\" is required but is no property"_s.arg(name));
    }
    return {};
}

Result<> check(JsonView schema, const QString &pointer)
{
    if (!schema.isObject())
        return wrong(pointer, u"a schema must be an object"_s);
    for (const auto &[name, value] : schema.members()) {
        if (std::ranges::find(keywords, name) == std::end(keywords))
            return wrong(pointer + u'/' + escaped(name), u"strict schemas cannot use the keyword \"%1\""_s.arg(name));
    }
    if (const JsonView factor = schema["multipleOf"]; factor.exists() && !(factor.toDouble() > 0))
        return wrong(pointer + u"/multipleOf"_s, u"it must be a number above 0"_s); // numbers are divided by it
    if (const JsonView pattern = schema["pattern"]; pattern.exists()) {
        const QRegularExpression expression(pattern.toString());
        if (!pattern.isString() || !expression.isValid())
            return wrong(pointer + u"/pattern"_s,
                         u"it is no regular expression: %1"_s.arg(pattern.isString() ? expression.errorString()
                                                                                     : u"it must be a string"_s));
    }
    if (isType(schema, "object") || schema["properties"].exists()) {
        if (const auto checked = checkObject(schema, pointer); !checked)
            return checked;
    }
    for (const char *keyword : {"properties", "$defs", "definitions"}) {
        if (const auto checked = checkAll(schema[keyword], pointer + u'/' + QLatin1StringView(keyword)); !checked)
            return checked;
    }
    if (schema["items"].exists()) {
        if (const auto checked = check(schema["items"], pointer + u"/items"_s); !checked)
            return checked;
    } else if (isType(schema, "array")) {
        return wrong(pointer, u"an array needs \"items\""_s);
    }
    const auto alternatives = schema["anyOf"].items();
    for (size_t i = 0; i < alternatives.size(); ++i) {
        if (const auto checked = check(alternatives[i], pointer + u"/anyOf/%1"_s.arg(i)); !checked)
            return checked;
    }
    return {};
}

} // namespace

Result<> checkStrictRules(JsonView schema)
{
    if (!schema.isObject())
        return wrong({}, u"the schema must be a JSON object"_s);
    if (schema["type"].utf8() != "object")
        return wrong({}, u"the schema must have \"type\": \"object\""_s);
    return check(schema, {});
}

} // namespace nightshift::schema
