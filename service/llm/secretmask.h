#pragma once
#include "domain/settings.h"
#include <map>

namespace nightshift::llm {

/// Takes secrets out of text that is about to leave this machine: those that are known here, and what has the form of
/// a key, a token, a private key, or of a password or key in a URL. What it does not know and what has no such form
/// stays: a password, say.
///
/// Text in JSON stays JSON, and keeps its lines.
class SecretMask
{
public:
    /// `known` are secrets of this machine; short ones are left out, for they would mask innocent text.
    explicit SecretMask(const QStringList &known = {});

    /// With `[redacted]` in the place of every secret.
    QByteArray applied(const QByteArray &text);
    /// How many were masked so far, by kind: "configured", "openai_key", "private_key" …
    const std::map<QString, qint64> &counts() const { return m_counts; }

private:
    QByteArray withoutKnown(QByteArray text);
    QByteArray withoutUrls(const QByteArray &text);

    QByteArrayList m_known; ///< As they are and as JSON writes them; longest first.
    std::map<QString, qint64> m_counts;
};

/// What is known here: the keys, headers and query parameters of the provider and of the MCP servers, and the values of
/// those variables of `environment` (NAME=value) that hold a credential by their name, or are kept from commands by
/// their exact name.
QStringList knownSecrets(const Settings &settings, const QStringList &environment);

} // namespace nightshift::llm
