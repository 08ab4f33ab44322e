#include "bodyfields.h"

namespace nightshift::api {

BodyFields::BodyFields(const QByteArray &body, Body presence)
    : m_document(readBody(body.isEmpty() && presence == Body::Optional ? QByteArray("{}") : body))
    , m_fields(m_document ? m_document->root() : JsonView(), m_problems)
{}

std::optional<http::Problem> BodyFields::problem()
{
    if (!m_document)
        return m_document.error();
    m_fields.finish();
    const auto valid = judge(std::move(m_problems));
    return valid ? std::nullopt : std::optional(valid.error());
}

} // namespace nightshift::api
