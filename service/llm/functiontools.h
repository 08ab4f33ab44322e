#pragma once
#include "base/rawjson.h"

namespace nightshift::llm {

/// A tool for wires that know nothing but functions.
struct FunctionTool
{
    QByteArray name;
    QByteArray description;
    RawJson parameters; ///< JSON Schema of an object.
    bool strict = false;
};

/// Reads tools in the Responses API's words. A free-form tool becomes a function with one string, `input`;
/// tools that the provider itself would run are left out.
std::vector<FunctionTool> readFunctionTools(const std::vector<RawJson> &tools);

} // namespace nightshift::llm
