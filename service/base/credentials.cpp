#include "credentials.h"
#include <QList>
#include <algorithm>

namespace nightshift {

namespace {

constexpr qsizetype shortestToken = 16; // of a user without password; "git" and the like are none

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// What no URL in a text goes beyond.
bool endsUrl(char c)
{
    return uchar(c) <= ' ' || QByteArrayView("\"'`<>\x7f").contains(c);
}

/// The parts of a name between its separators, in lower case: "accessToken", "access-token" and "ACCESS_TOKEN" have
/// two.
QByteArrayList partsOf(QByteArrayView name)
{
    QByteArrayList parts{QByteArray()};
    for (qsizetype i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool isUpper = c >= 'A' && c <= 'Z';
        const bool begins = isUpper && i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z';
        if (begins || (!isLetter(c) && !isDigit(c)))
            parts += QByteArray();
        if (isLetter(c) || isDigit(c))
            parts.last() += isUpper ? char(c - 'A' + 'a') : c;
    }
    return parts;
}

bool isSecretParameter(QByteArrayView name)
{
    static const QByteArrayList secret{"key",           "apikey",     "token",       "accesstoken",  "accesskey",
                                       "authtoken",     "secret",     "password",    "passwd",       "passphrase",
                                       "pass",          "pwd",        "sig",         "signature",    "auth",
                                       "authorization", "credential", "credentials", "clientsecret", "idtoken",
                                       "refreshtoken",  "jwt",        "sas"};
    return std::ranges::any_of(partsOf(QByteArray::fromPercentEncoding(name.toByteArray())),
                               [](const QByteArray &part) { return secret.contains(part); });
}

/// One pass over a text, which gathers what is to be left out.
class UrlWalk
{
public:
    explicit UrlWalk(QByteArrayView text)
        : m_text(text)
    {}
    struct Span
    {
        qsizetype begin;
        qsizetype end;
    };
    QList<Span> secrets()
    {
        for (qsizetype at = 0; (at = m_text.indexOf("://", at)) >= 0;) {
            const bool hasScheme = at > 0 && (isLetter(m_text[at - 1]) || isDigit(m_text[at - 1]));
            at += 3;
            if (hasScheme)
                at = takeQuery(takeUser(at));
        }
        return std::move(m_secrets);
    }

private:
    qsizetype until(qsizetype from, QByteArrayView stops) const
    {
        while (from < m_text.size() && !endsUrl(m_text[from]) && !stops.contains(m_text[from]))
            ++from;
        return from;
    }
    void add(qsizetype begin, qsizetype end)
    {
        if (begin < end && m_text.sliced(begin, end - begin).toByteArray() != redactedMark)
            m_secrets.push_back({begin, end});
    }
    /// Of scheme://user:password@host. The end of the authority.
    qsizetype takeUser(qsizetype begin)
    {
        qsizetype end = until(begin, "/?#\\");
        qsizetype at = lastAt(begin, end);
        const qsizetype colon = m_text.indexOf(':', begin);
        const bool isPort = colon >= end || colon < 0 || m_text[begin] == '[' ||
                            std::ranges::all_of(m_text.sliced(colon + 1, end - colon - 1), isDigit);
        if (at < 0 && !isPort) { // a password with a slash in it, which should have been written %2F
            end = until(begin, {});
            at = lastAt(begin, end);
            end = at < 0 ? until(begin, "/?#\\") : until(at, "/?#\\");
        }
        if (at < 0)
            return end;
        if (colon >= 0 && colon < at)
            add(colon + 1, at);
        else if (at - begin >= shortestToken)
            add(begin, at);
        return end;
    }
    qsizetype lastAt(qsizetype begin, qsizetype end) const
    {
        const qsizetype at = m_text.sliced(begin, end - begin).lastIndexOf('@');
        return at < 0 ? -1 : begin + at;
    }
    /// The values of secret parameters, up to the URL's end.
    qsizetype takeQuery(qsizetype at)
    {
        at = until(at, "?#");
        while (at < m_text.size() && !endsUrl(m_text[at])) {
            at += m_text.sliced(at).startsWith("\\u0026") ? 6 : 1; // & as some write it in JSON
            const qsizetype end = until(at, "&;#\\"), equals = m_text.sliced(at, end - at).indexOf('=');
            if (equals > 0 && isSecretParameter(m_text.sliced(at, equals)))
                add(at + equals + 1, end);
            at = end;
            if (at < m_text.size() && m_text[at] == '\\' && !m_text.sliced(at).startsWith("\\u0026"))
                break;
        }
        return at;
    }

    QByteArrayView m_text;
    QList<Span> m_secrets;
};

bool holdsConnectionSecret(QByteArrayView value)
{
    for (const QByteArray &part : value.toByteArray().replace(' ', ';').split(';')) {
        const qsizetype equals = part.indexOf('=');
        const QByteArray name = part.first(qMax(qsizetype(0), equals)).trimmed().toLower();
        if (equals + 1 < part.size() && (name == "password" || name == "pwd" || name == "accountkey" ||
                                         name == "sharedaccesskey" || name == "sharedaccesssignature"))
            return true;
    }
    return false;
}

} // namespace

bool isCredentialName(QStringView name)
{
    const QByteArray upper = name.toString().toUpper().toUtf8();
    for (const char *word : {"KEY", "SECRET", "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL"}) {
        if (upper.contains(word))
            return true;
    }
    for (qsizetype at = 0; (at = upper.indexOf("AUTH", at)) >= 0; at += 4) {
        const QByteArrayView rest = QByteArrayView(upper).sliced(at);
        const bool isAuthor = rest.startsWith("AUTHOR") && !rest.startsWith("AUTHORIZ");
        if (!isAuthor && upper != "SSH_AUTH_SOCK")
            return true;
    }
    const QByteArrayList parts = upper.split('_');
    return parts.size() > 1 && (parts.contains("PASS") || parts.contains("PWD") || parts.contains("PAT"));
}

QByteArray withoutUrlSecrets(const QByteArray &text, qint64 *count)
{
    const auto secrets = UrlWalk(text).secrets();
    QByteArray masked;
    qsizetype kept = 0;
    for (const auto &[begin, end] : secrets) {
        masked += QByteArrayView(text).sliced(kept, begin - kept);
        masked += redactedMark;
        kept = end;
    }
    if (count)
        *count += secrets.size();
    return masked.append(QByteArrayView(text).sliced(kept));
}

QString withoutUrlSecrets(const QString &text)
{
    return text.contains(QLatin1StringView("://")) ? QString::fromUtf8(withoutUrlSecrets(text.toUtf8())) : text;
}

bool holdsCredential(const QString &value)
{
    const QByteArray bytes = value.toUtf8();
    return !UrlWalk(bytes).secrets().isEmpty() || holdsConnectionSecret(bytes);
}

QString withoutUser(const QString &proxy)
{
    const qsizetype scheme = proxy.indexOf(QLatin1StringView("://"));
    const qsizetype begin = scheme < 0 ? 0 : scheme + 3;
    const qsizetype at = proxy.lastIndexOf(u'@');
    return at < begin ? proxy : proxy.first(begin) + proxy.sliced(at + 1);
}

} // namespace nightshift
