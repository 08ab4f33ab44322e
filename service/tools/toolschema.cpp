#include "tools/toolschema.h"

namespace nightshift::tools::schema {

RawJson string(const char *description)
{
    return json::object({{"type", "string"}, {"description", description}});
}

RawJson number(const char *description)
{
    return json::object({{"type", "number"}, {"description", description}});
}

RawJson boolean(const char *description)
{
    return json::object({{"type", "boolean"}, {"description", description}});
}

RawJson oneOf(const QStringList &values, const char *description)
{
    return json::object({{"type", "string"}, {"description", description}, {"enum", json::array(values)}});
}

RawJson listOf(RawJson items, const char *description)
{
    return json::object({{"type", "array"}, {"description", description}, {"items", std::move(items)}});
}

RawJson object(std::initializer_list<json::Member> properties, const QStringList &required)
{
    return json::object({{"type", "object"},
                         {"properties", json::object(properties)},
                         {"required", json::array(required)},
                         {"additionalProperties", false}});
}

RawJson function(const char *name, const char *description, RawJson parameters)
{
    return json::object({{"type", "function"},
                         {"name", name},
                         {"description", description},
                         {"strict", false},
                         {"parameters", std::move(parameters)}});
}

} // namespace nightshift::tools::schema
