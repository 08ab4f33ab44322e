#pragma once
#include "base/jsonreader.h"
#include "support/scriptedserver.h"

namespace nightshift::test {

/// An answer of one item that costs 110 tokens.
inline ScriptedServer::Answer answer(const QByteArray &item)
{
    return {.body = sse::stream({sse::created(), item, sse::completed(100, 0, 10, 0)})};
}

inline ScriptedServer::Answer saying(const QByteArray &text)
{
    return answer(sse::message("m", text));
}

/// What the user said last.
inline QByteArray prompt(const ScriptedServer::Request &request)
{
    const auto body = JsonDocument::parse(request.body);
    QByteArray last;
    for (const JsonView &item : body->root()["input"].items()) {
        if (item["role"].toString() == QStringLiteral("user"))
            last = item["content"].items().front()["text"].toString().toUtf8();
    }
    return last;
}

/// Whether a command was run since the user said something.
inline bool hasRun(const ScriptedServer::Request &request)
{
    const auto body = JsonDocument::parse(request.body);
    const auto items = body->root()["input"].items();
    return !items.empty() && items.back()["type"].toString() == QStringLiteral("function_call_output");
}

/// A script whose default function this is; the host module is `n`. Its first line is the file's third.
inline QByteArray script(const QByteArray &body)
{
    return "import * as n from 'nightshift';\nexport default async ({ args }) => {\n" + body + "\n};\n";
}

} // namespace nightshift::test
