#include "tokenstore.h"
#include "base/boundedfile.h"
#include "base/ids.h"
#include "http/allowance.h"
#include <QFile>
#include <QSaveFile>
#include <algorithm>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::http {

static QByteArray readAll(const QString &path)
{
    return readBounded(path, fileuse::credentials).value_or(QByteArray());
}

/// Nobody else can have written or read it.
static bool isPrivate(const QString &path)
{
    struct stat status = {};
    return ::lstat(QFile::encodeName(path).constData(), &status) == 0 && S_ISREG(status.st_mode) &&
           status.st_uid == ::geteuid() && (status.st_mode & 077) == 0;
}

Result<> writePrivately(const QString &path, const QByteArray &bytes)
{
    QSaveFile file(path);
    const bool written = file.open(QIODevice::WriteOnly) && file.setPermissions(QFile::ReadOwner | QFile::WriteOwner) &&
                         file.write(bytes) == bytes.size() && file.commit();
    if (!written)
        return fail(Error::Kind::Internal, u"%1 cannot be written: %2"_s.arg(path, file.errorString()));
    return {};
}

TokenStore::TokenStore(QString tokensPath, QString madePath)
    : m_tokensPath(std::move(tokensPath))
    , m_madePath(std::move(madePath))
{}

void TokenStore::reread()
{
    const FileStamp tokens = stampOf(m_tokensPath), made = stampOf(m_madePath);
    if (tokens == m_tokensStamp && made == m_madeStamp)
        return;
    m_tokensStamp = tokens;
    m_madeStamp = made;
    const auto listed = list();
    if (!listed)
        qWarning("%s", qPrintable(listed.error().message));
    m_tokens = listed.value_or(std::vector<Token>());
    const QByteArray secret = isPrivate(m_madePath) ? readAll(m_madePath).trimmed() : QByteArray();
    if (secret.size() >= 32)
        m_tokens.push_back({u"tk_made"_s, u"made at start"_s, sha256(secret), allScopes, {}, {}});
}

std::optional<Token> TokenStore::find(const Secret &secret)
{
    reread();
    const Token *token = findToken(m_tokens, secret, QDateTime::currentDateTimeUtc());
    return token ? std::optional(*token) : std::nullopt;
}

std::optional<Token> TokenStore::current(const QString &id)
{
    reread();
    const QDateTime now = QDateTime::currentDateTimeUtc();
    for (const Token &token : m_tokens) {
        if (token.id == id && (!token.expires || now < *token.expires))
            return token;
    }
    return {};
}

TokenStore::Standing TokenStore::standing(const Token &token)
{
    if (isLocalUser(token))
        return Standing::Unchanged;
    reread();
    const auto now = std::ranges::find(m_tokens, token.id, &Token::id);
    if (now == m_tokens.end() || now->sha256 != token.sha256)
        return Standing::Revoked;
    if (now->expires && QDateTime::currentDateTimeUtc() >= *now->expires)
        return Standing::Expired;
    return *now == token ? Standing::Unchanged : Standing::Changed;
}

std::optional<QDateTime> TokenStore::nextExpiry()
{
    reread();
    std::optional<QDateTime> next;
    const QDateTime now = QDateTime::currentDateTimeUtc();
    for (const Token &token : m_tokens) {
        if (token.expires && now < *token.expires && (!next || *token.expires < *next))
            next = token.expires;
    }
    return next;
}

QStringList TokenStore::files() const
{
    QStringList files{m_tokensPath, m_madePath};
    files.removeAll(QString());
    return files;
}

Result<> TokenStore::makeIfNone()
{
    const auto listed = list();
    if (!listed)
        return std::unexpected(listed.error());
    if (!listed->empty() || (isPrivate(m_madePath) && readAll(m_madePath).trimmed().size() >= 32))
        return {};
    return writePrivately(m_madePath, newToken().reveal() + '\n');
}

Result<std::vector<Token>> TokenStore::list() const
{
    if (m_tokensPath.isEmpty() || !QFile::exists(m_tokensPath))
        return std::vector<Token>();
    auto tokens = readTokens(readAll(m_tokensPath));
    if (!tokens)
        return failAt(m_tokensPath, tokens.error());
    return tokens;
}

Result<Secret> TokenStore::add(Token token)
{
    auto tokens = list();
    if (!tokens)
        return std::unexpected(tokens.error());
    const Secret secret = newToken();
    token.id = u"tk_"_s + newId().last(12);
    token.sha256 = sha256(secret.reveal());
    tokens->push_back(std::move(token));
    if (const auto written = writePrivately(m_tokensPath, toJson(*tokens).text + '\n'); !written)
        return std::unexpected(written.error());
    return secret;
}

Result<> TokenStore::revoke(const QString &id)
{
    auto tokens = list();
    if (!tokens)
        return std::unexpected(tokens.error());
    if (std::erase_if(*tokens, [&](const Token &token) { return token.id == id; }) == 0)
        return fail(Error::Kind::NotFound, u"%1 holds no token %2"_s.arg(m_tokensPath, id));
    return writePrivately(m_tokensPath, toJson(*tokens).text + '\n');
}

} // namespace nightshift::http
