#pragma once
#include "domain/settings.h"

namespace nightshift::llm {

/// Takes a provider's keys out of what its server says: servers repeat them in their errors, and those are
/// printed and recorded.
class Redaction
{
public:
    explicit Redaction(const ProviderSettings &provider);
    /// With `[redacted]` in the place of every key, header value and query parameter of some length.
    QString applied(QString text) const;
    const QStringList &secrets() const { return m_secrets; }

private:
    QStringList m_secrets; ///< Longest first, so that none leaves the rest of another one.
};

} // namespace nightshift::llm
