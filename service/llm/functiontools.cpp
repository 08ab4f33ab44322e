#include "functiontools.h"
#include "base/jsonreader.h"
#include <QStringList>

namespace nightshift::llm {

using json::object;

static RawJson oneInput()
{
    return object({{"type", "object"},
                   {"properties", object({{"input", object({{"type", "string"}})}})},
                   {"required", json::array(QStringList{QStringLiteral("input")})},
                   {"additionalProperties", false}});
}

std::vector<FunctionTool> readFunctionTools(const std::vector<RawJson> &tools)
{
    std::vector<FunctionTool> functions;
    for (const RawJson &text : tools) {
        const auto document = JsonDocument::parse(text.text);
        const JsonView tool = document ? document->root() : JsonView();
        const bool custom = tool["type"].utf8() == "custom";
        if (!custom && tool["type"].utf8() != "function")
            continue;
        FunctionTool function{.name = tool["name"].utf8().toByteArray(),
                              .description = tool["description"].utf8().toByteArray(),
                              .parameters = custom ? oneInput() : tool["parameters"].raw(),
                              .strict = tool["strict"].toBool()};
        if (!custom && !tool["parameters"].isObject())
            function.parameters = object({{"type", "object"}, {"properties", object({})}});
        functions.push_back(std::move(function));
    }
    return functions;
}

} // namespace nightshift::llm
