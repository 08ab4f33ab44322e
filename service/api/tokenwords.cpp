#include "tokenwords.h"
#include "http/tokenstore.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::api {

static std::unexpected<Error> usage(const QString &what)
{
    return fail(Error::Kind::Usage, what);
}

/// "90d", "12h", "30m", "45s", or a date, which ends as it begins, or a time.
static Result<QDateTime> readExpiry(const QString &text)
{
    bool isNumber = false;
    const qint64 amount = text.chopped(1).toLongLong(&isNumber);
    const QDateTime now = QDateTime::currentDateTimeUtc();
    QDateTime expires = QDateTime::fromString(text, Qt::ISODate);
    static constexpr std::pair<char16_t, qint64> units[] = {{u's', 1}, {u'm', 60}, {u'h', 3600}, {u'd', 86'400}};
    constexpr qint64 longest = 100LL * 366 * 86'400; // or the clock ends before the token
    for (const auto &[letter, seconds] : units) {
        if (isNumber && amount > 0 && amount <= longest / seconds && text.endsWith(letter))
            expires = now.addSecs(amount * seconds);
    }
    if (!expires.isValid() || expires <= now)
        return usage(u"--expires: %1 is no time to come, such as 90d, 12h, 30m or 2027-01-31"_s.arg(text));
    return expires.toUTC();
}

static Result<> readRoot(const QString &folder, http::Token &token)
{
    const QString resolved = QFileInfo(folder).canonicalFilePath();
    if (resolved.isEmpty() || !QFileInfo(resolved).isDir())
        return usage(u"--root: %1 is no folder"_s.arg(folder));
    token.roots += resolved;
    return {};
}

static Result<> readLimit(const QString &name, const QString &value, http::Token &token)
{
    bool isNumber = false;
    if (name == u"--root"_s)
        return readRoot(value, token);
    if (name == u"--model"_s) {
        token.models += value;
        return {};
    }
    if (name == u"--sandbox"_s) {
        token.sandbox = sandboxModeFromName(value);
        return token.sandbox
                   ? Result<>()
                   : usage(u"--sandbox: %1 is none of read-only, workspace-write, danger-full-access"_s.arg(value));
    }
    if (name == u"--expires"_s)
        return readExpiry(value).transform([&](const QDateTime &time) { token.expires = time; });
    if (name == u"--budget-usd"_s) {
        token.budgetUsd = value.toDouble(&isNumber);
        return isNumber && *token.budgetUsd > 0 ? Result<>()
                                                : usage(u"--budget-usd: %1 is no amount above 0"_s.arg(value));
    }
    if (name == u"--concurrency"_s) {
        token.concurrency = value.toLongLong(&isNumber);
        return isNumber && *token.concurrency > 0 ? Result<>()
                                                  : usage(u"--concurrency: %1 is no count above 0"_s.arg(value));
    }
    return usage(u"a token has no %1; what it can have is --root, --model, --sandbox, --network, "
                 "--budget-usd, --concurrency and --expires"_s.arg(name));
}

/// Scopes, and limits as `--name value` or `--name=value`, in any order.
static Result<http::Token> readToken(const QString &label, QStringList words)
{
    http::Token token{.label = label};
    QStringList scopes;
    while (!words.isEmpty()) {
        const QString word = words.takeFirst();
        if (!word.startsWith(u"--"_s)) {
            scopes += word;
            continue;
        }
        if (word == u"--network"_s) {
            token.network = true;
            continue;
        }
        const bool joined = word.contains(u'=');
        if (!joined && words.isEmpty())
            return usage(u"%1 needs a value"_s.arg(word));
        const QString value = joined ? word.section(u'=', 1) : words.takeFirst();
        if (const auto read = readLimit(word.section(u'=', 0, 0), value, token); !read)
            return std::unexpected(read.error());
    }
    const auto read = http::readScopes(scopes);
    if (!read)
        return std::unexpected(read.error());
    if (scopes.isEmpty())
        return usage(u"a token needs a scope: read, run, approve or admin"_s);
    token.scopes = *read;
    return token;
}

static QString limits(const http::Token &token)
{
    const SandboxBound most = token.most();
    QString text = u"  sandbox="_s + sandboxModeName(most.mode);
    text += most.network ? u"  network=yes"_s : u"  network=no"_s;
    for (const QString &root : token.roots)
        text += u"  root="_s + root;
    for (const QString &model : token.models)
        text += u"  model="_s + model;
    if (token.budgetUsd)
        text += u"  budget-usd=%1"_s.arg(*token.budgetUsd);
    if (token.concurrency)
        text += u"  concurrency=%1"_s.arg(*token.concurrency);
    if (token.expires)
        text += u"  expires="_s + token.expires->toUTC().toString(Qt::ISODate);
    return text;
}

static QString described(const http::Token &token)
{
    return u"%1  %2  %3%4\n"_s.arg(token.id, http::scopeWords(token.scopes).join(u','), token.label, limits(token));
}

static Result<TokenAnswer> add(http::TokenStore &store, const QString &label, const QStringList &words)
{
    const auto token = readToken(label, words);
    if (!token)
        return std::unexpected(token.error());
    const auto secret = store.add(*token);
    if (!secret)
        return std::unexpected(secret.error());
    const auto tokens = store.list(); // the new one with its id
    return TokenAnswer{QString::fromLatin1(secret->reveal()) + u'\n',
                       tokens && !tokens->empty() ? described(tokens->back()) : QString()};
}

static Result<TokenAnswer> list(const http::TokenStore &store)
{
    const auto tokens = store.list();
    if (!tokens)
        return std::unexpected(tokens.error());
    QString text;
    for (const http::Token &token : *tokens)
        text += described(token);
    return TokenAnswer{text};
}

Result<TokenAnswer> changeTokens(const QStringList &words, const QString &tokensPath)
{
    http::TokenStore store(tokensPath, {});
    const QString command = words.value(0);
    if (command == u"add"_s && words.size() > 2)
        return add(store, words[1], words.mid(2));
    if (command == u"list"_s && words.size() == 1)
        return list(store);
    if (command == u"revoke"_s && words.size() == 2)
        return store.revoke(words[1]).transform([] { return TokenAnswer(); });
    return fail(
        Error::Kind::Usage,
        u"expected `token add LABEL SCOPE…`, `token list` or `token revoke ID`; scopes are read, run, approve, admin"_s);
}

} // namespace nightshift::api
