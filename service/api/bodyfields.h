#pragma once
#include "api/fieldreader.h"

namespace nightshift::api {

/// A body of JSON that is being read: its members are taken one by one, and then there is one answer to all that is
/// wrong with it.
class BodyFields
{
public:
    enum class Body { Asked, Optional }; ///< Optional: none is one without members.

    explicit BodyFields(const QByteArray &body, Body presence = Body::Asked);
    BodyFields(const BodyFields &) = delete;
    BodyFields &operator=(const BodyFields &) = delete;

    FieldReader &fields() { return m_fields; }
    /// The whole; nothing of a body that is none.
    JsonView root() const { return m_document ? m_document->root() : JsonView(); }
    FieldReader *operator->() { return &m_fields; }
    /// Nothing is wrong so far.
    bool isSound() const { return m_document && m_problems.empty(); }
    /// When all was taken; what nobody took is wrong, too.
    std::optional<http::Problem> problem();

private:
    http::Judged<JsonDocument> m_document;
    std::vector<http::FieldProblem> m_problems;
    FieldReader m_fields;
};

} // namespace nightshift::api
