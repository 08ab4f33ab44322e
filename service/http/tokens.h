#pragma once
#include "base/result.h"
#include "base/secret.h"
#include "domain/sandboxbound.h"
#include "http/requesthead.h"
#include <QDateTime>
#include <QStringList>

namespace nightshift::http {

enum class Scope { Read = 1, Run = 2, Approve = 4, Admin = 8 };
Q_DECLARE_FLAGS(Scopes, Scope)
Q_DECLARE_OPERATORS_FOR_FLAGS(Scopes)

constexpr Scopes allScopes{Scope::Read, Scope::Run, Scope::Approve, Scope::Admin};

/// "read", "run" … and back; an error names the word that is none.
QStringList scopeWords(Scopes scopes);
Result<Scopes> readScopes(const QStringList &words);

/// What a token permits; the token itself is known only to its holder.
struct Token
{
    QString id;    ///< "tk_…"; what logs and stored answers name.
    QString label; ///< What its maker called it.
    QByteArray sha256;
    Scopes scopes;
    QStringList roots;  ///< Folders it may work in; empty means those of the server.
    QStringList models; ///< Empty means all.
    std::optional<double> budgetUsd = {};
    std::optional<qint64> concurrency = {};
    std::optional<QDateTime> expires = {};
    std::optional<SandboxPolicy::Mode> sandbox = {}; ///< The most that it may ask for; absent: see most().
    bool network = false;                            ///< Whether its commands may have the network.
    bool operator==(const Token &) const = default;

    /// Admin may do everything.
    bool allows(Scope scope) const { return scopes & (Scopes(scope) | Scope::Admin); }
    /// Without a grant workspace-write and no network, with the scope admin everything.
    SandboxBound most() const;
};

QByteArray sha256(QByteArrayView bytes);

/// Compares in a time that tells nothing about where they differ.
bool isSameInConstantTime(QByteArrayView a, QByteArrayView b);

/// The token of `Authorization: Bearer …`, the only place where one is looked for. Source: RFC 6750, section 2.1.
std::optional<Secret> bearerToken(const RequestHead &head);

/// The one whose hash this is and that has not expired; null otherwise.
const Token *findToken(const std::vector<Token> &tokens, const Secret &secret, const QDateTime &now);

/// A hash of what the token allows; of its id, label, budget and end it says nothing.
QByteArray rightsOf(const Token &token);

/// tokens.json and back.
Result<std::vector<Token>> readTokens(QByteArrayView text);
RawJson toJson(const std::vector<Token> &tokens);

/// 256 bits from the kernel, as 43 letters, digits, `-` and `_`.
Secret newToken();

} // namespace nightshift::http
