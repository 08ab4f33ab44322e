#include "tokenwords.h"
#include "http/tokenstore.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

static Result<QString> add(http::TokenStore &store, const QString &label, const QStringList &scopeWords)
{
    const auto scopes = http::readScopes(scopeWords);
    if (!scopes)
        return std::unexpected(scopes.error());
    const auto secret = store.add({.label = label, .scopes = *scopes});
    if (!secret)
        return std::unexpected(secret.error());
    return QString::fromLatin1(secret->reveal()) + u'\n';
}

static Result<QString> list(const http::TokenStore &store)
{
    const auto tokens = store.list();
    if (!tokens)
        return std::unexpected(tokens.error());
    QString text;
    for (const http::Token &token : *tokens)
        text += u"%1  %2  %3\n"_s.arg(token.id, http::scopeWords(token.scopes).join(u','), token.label);
    return text;
}

Result<QString> changeTokens(const QStringList &words, const QString &tokensPath)
{
    http::TokenStore store(tokensPath, {});
    const QString command = words.value(0);
    if (command == u"add"_s && words.size() > 2)
        return add(store, words[1], words.mid(2));
    if (command == u"list"_s && words.size() == 1)
        return list(store);
    if (command == u"revoke"_s && words.size() == 2)
        return store.revoke(words[1]).transform([] { return QString(); });
    return fail(
        Error::Kind::Usage,
        u"expected `token add LABEL SCOPE…`, `token list` or `token revoke ID`; scopes are read, run, approve, admin"_s);
}

} // namespace nightshift::api
