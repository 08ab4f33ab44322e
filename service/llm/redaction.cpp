#include "redaction.h"
#include "base/credentials.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::llm {

static constexpr qsizetype shortestSecret = 8; // a header `x-version: 1` must not empty a message of its digits

Redaction::Redaction(const ProviderSettings &provider)
{
    QStringList all{QString::fromUtf8(provider.key.reveal())};
    for (const auto &[name, value] : provider.headers)
        all += value;
    for (const auto &[name, value] : provider.queryParams)
        all += value;
    for (const QString &value : std::as_const(all)) {
        const QString secret = value.startsWith("Bearer "_L1) ? value.sliced(7) : value;
        if (secret.size() >= shortestSecret)
            m_secrets += secret;
    }
    std::ranges::sort(m_secrets, std::ranges::greater(), [](const QString &secret) { return secret.size(); });
}

QString Redaction::applied(QString text) const
{
    for (const QString &secret : m_secrets)
        text.replace(secret, QLatin1StringView(redactedMark));
    return withoutUrlSecrets(text);
}

} // namespace nightshift::llm
