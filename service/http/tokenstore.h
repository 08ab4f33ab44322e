#pragma once
#include "http/filestamp.h"
#include "http/tokens.h"

namespace nightshift::http {

/// Bytes to a file that only this user can read, whole or not at all.
Result<> writePrivately(const QString &path, const QByteArray &bytes);

/// The tokens that are good now. Both files are looked at before every answer, so that a token that was taken
/// away or replaced is worth nothing from that moment on. A file that cannot be understood holds no token.
class TokenStore
{
public:
    /// `tokensPath` is tokens.json; `madePath` holds the token that was made because none was configured, as it
    /// is. Either may be empty or name nothing.
    TokenStore(QString tokensPath, QString madePath);

    std::optional<Token> find(const Secret &secret);
    /// The token of that id as it is now; nothing when it was taken away, was made anew, or has expired.
    std::optional<Token> current(const QString &id);
    /// What became of a token since this copy was read. A process of our own user stays as it is.
    enum class Standing { Unchanged, Changed, Revoked, Expired };
    Standing standing(const Token &token);
    /// When the next token expires; nothing when none will.
    std::optional<QDateTime> nextExpiry();
    /// The files that tokens are read from.
    QStringList files() const;

    /// Makes a token for this user when no other is configured, or keeps the one made before. It has all scopes.
    Result<> makeIfNone();

    /// Adds one and gives the token, which is nowhere stored.
    Result<Secret> add(Token token);
    Result<std::vector<Token>> list() const;
    Result<> revoke(const QString &id);

private:
    void reread();

    QString m_tokensPath;
    QString m_madePath;
    FileStamp m_tokensStamp;
    FileStamp m_madeStamp;
    std::vector<Token> m_tokens;
};

} // namespace nightshift::http
