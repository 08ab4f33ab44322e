#pragma once
#include "base/rawjson.h"
#include <QStringList>

/// The pieces that the definitions of function tools are made of. Source: Responses API, tools.
namespace nightshift::tools::schema {

RawJson string(const char *description);
RawJson number(const char *description);
RawJson boolean(const char *description);
RawJson oneOf(const QStringList &values, const char *description);
RawJson listOf(RawJson items, const char *description);
RawJson object(std::initializer_list<json::Member> properties, const QStringList &required);

/// An entry of a request's `tools`; not strict, because strict schemas know no optional arguments.
RawJson function(const char *name, const char *description, RawJson parameters);

} // namespace nightshift::tools::schema
