#include "tokens.h"
#include "base/jsonreader.h"
#include <QCryptographicHash>
#include <algorithm>
#include <sys/random.h>

using namespace Qt::StringLiterals;

namespace nightshift::http {

namespace {

constexpr std::pair<const char *, Scope> scopeNames[] = {
    {"read", Scope::Read}, {"run", Scope::Run}, {"approve", Scope::Approve}, {"admin", Scope::Admin}};

QStringList readStrings(JsonView list)
{
    QStringList strings;
    for (const JsonView &item : list.items())
        strings += item.toString();
    return strings;
}

Result<Token> readToken(JsonView json)
{
    Token token{json["id"].toString(),
                json["label"].toString(),
                QByteArray::fromHex(json["sha256"].utf8().toByteArray()),
                {},
                readStrings(json["roots"]),
                readStrings(json["models"])};
    if (token.id.isEmpty() || token.sha256.size() != 32)
        return fail(Error::Kind::Invalid, u"a token needs an id and a sha256 of 64 hexadecimal digits"_s);
    const auto scopes = readScopes(readStrings(json["scopes"]));
    if (!scopes)
        return std::unexpected(scopes.error());
    token.scopes = *scopes;
    if (json["budget_usd"].isNumber())
        token.budgetUsd = json["budget_usd"].toDouble();
    if (json["concurrency"].isInteger())
        token.concurrency = json["concurrency"].toInteger();
    if (json["expires_at"].exists()) {
        token.expires = QDateTime::fromString(json["expires_at"].toString(), Qt::ISODate);
        if (!token.expires->isValid())
            return fail(Error::Kind::Invalid, u"expires_at of %1 is no ISO 8601 time"_s.arg(token.id));
    }
    if (const JsonView sandbox = json["sandbox"]; sandbox.exists()) {
        token.sandbox = sandboxModeFromName(sandbox.toString());
        if (!token.sandbox)
            return fail(Error::Kind::Invalid,
                        u"sandbox of %1 is none of read-only, workspace-write, danger-full-access"_s.arg(token.id));
    }
    token.network = json["network"].toBool();
    return token;
}

std::optional<RawJson> list(const QStringList &values)
{
    return values.isEmpty() ? std::optional<RawJson>() : json::array(values);
}

RawJson tokenJson(const Token &token)
{
    return json::object(
        {{"id", token.id},
         {"label", token.label},
         {"sha256", token.sha256.toHex()},
         {"scopes", json::array(scopeWords(token.scopes))},
         {"roots", list(token.roots)},
         {"models", list(token.models)},
         {"budget_usd", token.budgetUsd},
         {"concurrency", token.concurrency},
         {"expires_at", token.expires ? std::optional(token.expires->toUTC().toString(Qt::ISODate)) : std::nullopt},
         {"sandbox", token.sandbox ? std::optional(QString(sandboxModeName(*token.sandbox))) : std::nullopt},
         {"network", token.network ? std::optional(true) : std::nullopt}});
}

} // namespace

SandboxBound Token::most() const
{
    const bool isAdmin = scopes & Scope::Admin;
    using Mode = SandboxPolicy::Mode;
    return {sandbox.value_or(isAdmin ? Mode::DangerFullAccess : Mode::WorkspaceWrite), network || isAdmin};
}

QStringList scopeWords(Scopes scopes)
{
    QStringList words;
    for (const auto &[name, scope] : scopeNames) {
        if (scopes & scope)
            words += QLatin1StringView(name);
    }
    return words;
}

Result<Scopes> readScopes(const QStringList &words)
{
    Scopes scopes;
    for (const QString &word : words) {
        const auto row =
            std::ranges::find_if(scopeNames, [&](const auto &each) { return word == QLatin1StringView(each.first); });
        if (row == std::end(scopeNames))
            return fail(Error::Kind::Invalid, u"scopes are read, run, approve and admin, not %1"_s.arg(word));
        scopes |= row->second;
    }
    return scopes;
}

QByteArray sha256(QByteArrayView bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
}

bool isSameInConstantTime(QByteArrayView a, QByteArrayView b)
{
    if (a.size() != b.size())
        return false;
    volatile uchar difference = 0; // volatile, lest the loop ends at the first one
    for (qsizetype i = 0; i < a.size(); ++i)
        difference = difference | uchar(a[i] ^ b[i]);
    return difference == 0;
}

std::optional<Secret> bearerToken(const RequestHead &head)
{
    const QByteArray field = head.headers.value("authorization");
    if (field.size() < 8 || field.first(7).compare("bearer ", Qt::CaseInsensitive) != 0)
        return {};
    return Secret(field.sliced(7).trimmed());
}

const Token *findToken(const std::vector<Token> &tokens, const Secret &secret, const QDateTime &now)
{
    const QByteArray hash = sha256(secret.reveal());
    const Token *found = nullptr;
    for (const Token &token : tokens) {
        if (isSameInConstantTime(token.sha256, hash) && (!token.expires || now < *token.expires))
            found = &token;
    }
    return found;
}

QByteArray rightsOf(const Token &token)
{
    const SandboxBound most = token.most();
    const RawJson rights = json::object({{"scopes", json::array(scopeWords(token.scopes))},
                                         {"roots", json::array(token.roots)},
                                         {"models", json::array(token.models)},
                                         {"sandbox", QString(sandboxModeName(most.mode))},
                                         {"network", most.network}});
    return sha256(rights.text);
}

Result<std::vector<Token>> readTokens(QByteArrayView text)
{
    const auto document = JsonDocument::parse(text);
    if (!document)
        return std::unexpected(document.error());
    std::vector<Token> tokens;
    for (const JsonView &item : document->root()["tokens"].items()) {
        auto token = readToken(item);
        if (!token)
            return std::unexpected(token.error());
        tokens.push_back(std::move(*token));
    }
    return tokens;
}

RawJson toJson(const std::vector<Token> &tokens)
{
    std::vector<RawJson> list;
    for (const Token &token : tokens)
        list.push_back(tokenJson(token));
    return json::object({{"tokens", json::array(list)}});
}

Secret newToken()
{
    char bytes[32];
    if (::getrandom(bytes, sizeof bytes, 0) != ssize_t(sizeof bytes))
        qFatal("the kernel gave no random bytes");
    return Secret(
        QByteArray(bytes, sizeof bytes).toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals));
}

} // namespace nightshift::http
