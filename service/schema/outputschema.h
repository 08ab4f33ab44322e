#pragma once
#include "base/jsonreader.h"
#include <memory>

namespace nightshift::schema {

/// The JSON Schema that a turn's last message must match.
///
/// Only what providers accept in strict mode is let in: every object closed with additionalProperties
/// false and all its properties required, no keyword outside the supported ones.
/// Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
class OutputSchema
{
public:
    /// The error names the offending place as a JSON pointer, or line and column of broken JSON.
    static Result<OutputSchema> parse(const QByteArray &text);

    const RawJson &json() const { return m_json; } ///< As written, members in their order.
    /// How `message` misses the schema, in a sentence's words; nothing when it matches.
    std::optional<QString> mismatch(const QString &message) const;

private:
    explicit OutputSchema(RawJson json)
        : m_json(std::move(json))
    {}
    RawJson m_json;
};

} // namespace nightshift::schema
