#include "secretmask.h"
#include "base/credentials.h"
#include "llm/redaction.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

constexpr QByteArrayView mask = redactedMark;
constexpr qsizetype shortestSecret = 8;

/// A kind of key by its beginning and what follows at least, of letters, digits and `also`.
struct Form
{
    const char *kind;
    QByteArrayView begin;
    qsizetype least;
    QByteArrayView also;
};

constexpr Form forms[] = {
    {"anthropic_key", "sk-ant-", 20, "-_"},
    {"openai_key", "sk-", 20, "-_"},
    {"github_token", "ghp_", 30, ""},
    {"github_token", "gho_", 30, ""},
    {"github_token", "ghu_", 30, ""},
    {"github_token", "ghs_", 30, ""},
    {"github_token", "ghr_", 30, ""},
    {"github_token", "github_pat_", 22, "_"},
    {"gitlab_token", "glpat-", 20, "-_"},
    {"aws_key_id", "AKIA", 16, ""},
    {"aws_key_id", "ASIA", 16, ""},
    {"slack_token", "xoxb-", 10, "-"},
    {"slack_token", "xoxp-", 10, "-"},
    {"slack_token", "xapp-", 10, "-"},
    {"google_key", "AIza", 35, "-_"},
    {"npm_token", "npm_", 36, ""},
    {"stripe_key", "sk_live_", 20, ""},
    {"stripe_key", "rk_live_", 20, ""},
    {"huggingface_token", "hf_", 30, ""},
    {"json_web_token", "eyJ", 40, "-_."},
    {"bearer_token", "Bearer ", 20, "-_.~+/="},
};

bool isLetterOrDigit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Whether a word may begin here. In JSON "\n" stands for a line end, so that a letter may be none.
bool isBoundary(QByteArrayView text, qsizetype at)
{
    return at == 0 || !isLetterOrDigit(text[at - 1]) || (at > 1 && text[at - 2] == '\\');
}

/// The length of the secret of that form at `at`; 0 when there is none.
qsizetype matched(const Form &form, QByteArrayView text, qsizetype at)
{
    const QByteArrayView rest = text.sliced(at);
    if (!rest.startsWith(form.begin))
        return 0;
    qsizetype end = form.begin.size();
    while (end < rest.size() && (isLetterOrDigit(rest[end]) || form.also.contains(rest[end])))
        ++end;
    while (form.also.contains('.') && rest[end - 1] == '.') // which ends a sentence
        --end;
    const bool isToken = QByteArrayView(form.kind) != "json_web_token" || rest.first(end).count('.') == 2;
    return end - form.begin.size() >= form.least && isToken ? end : 0;
}

/// From "-----BEGIN … PRIVATE KEY-----" to its end, or to that of the JSON string.
qsizetype privateKey(QByteArrayView text, qsizetype at)
{
    const QByteArrayView rest = text.sliced(at);
    constexpr QByteArrayView begin = "-----BEGIN ", title = "PRIVATE KEY-----", end = "-----END ";
    if (!rest.startsWith(begin))
        return 0;
    const qsizetype titleAt = rest.indexOf(title);
    if (titleAt < 0 || titleAt > 64)
        return 0;
    const qsizetype quote = rest.indexOf('"');
    const qsizetype endAt = rest.indexOf(end);
    const qsizetype last = endAt < 0 ? -1 : rest.indexOf(title, endAt);
    if (last >= 0 && (quote < 0 || last < quote))
        return last + title.size();
    if (quote < 0)
        return rest.size();
    return rest[quote - 1] == '\\' ? quote - 1 : quote;
}

struct Found
{
    const char *kind = nullptr;
    qsizetype length = 0;
};

Found secretAt(QByteArrayView text, qsizetype at)
{
    if (text[at] == '-')
        return {"private_key", privateKey(text, at)};
    if (!isBoundary(text, at))
        return {};
    for (const Form &form : forms) {
        if (const qsizetype length = text[at] == form.begin[0] ? matched(form, text, at) : 0)
            return {form.kind, length};
    }
    return {};
}

} // namespace

SecretMask::SecretMask(const QStringList &known)
{
    for (const QString &secret : known) {
        if (secret.size() < shortestSecret)
            continue;
        const QByteArray plain = secret.toUtf8(), quoted = json::string(QStringView(secret)).text;
        for (const QByteArray &form : {plain, quoted.sliced(1, quoted.size() - 2)}) {
            if (!m_known.contains(form))
                m_known += form;
        }
    }
    std::ranges::sort(m_known, std::ranges::greater(), &QByteArray::size);
}

QByteArray SecretMask::withoutKnown(QByteArray text)
{
    for (const QByteArray &secret : std::as_const(m_known)) {
        if (const qsizetype count = text.count(secret)) {
            m_counts[u"configured"_s] += count;
            text.replace(secret, mask);
        }
    }
    return text;
}

QByteArray SecretMask::withoutUrls(const QByteArray &text)
{
    qint64 count = 0;
    QByteArray masked = withoutUrlSecrets(text, &count);
    if (count > 0)
        m_counts[u"url"_s] += count;
    return masked;
}

QByteArray SecretMask::applied(const QByteArray &given)
{
    const QByteArray text = withoutUrls(withoutKnown(given));
    QByteArray masked;
    qsizetype kept = 0;
    for (qsizetype at = 0; at < text.size(); ++at) {
        const Found found = secretAt(text, at);
        if (found.length == 0)
            continue;
        masked += QByteArrayView(text).sliced(kept, at - kept);
        masked += mask;
        ++m_counts[QString::fromLatin1(found.kind)];
        kept = at + found.length;
        at = kept - 1;
    }
    return masked.append(QByteArrayView(text).sliced(kept));
}

QStringList knownSecrets(const Settings &settings, const QStringList &environment)
{
    QStringList known = Redaction(settings.provider).secrets();
    const auto add = [&known](const auto &pairs) {
        for (const auto &[name, value] : pairs)
            known += value.startsWith("Bearer "_L1) ? value.sliced(7) : value;
    };
    for (const McpServerSettings &server : settings.mcpServers) {
        known += QString::fromUtf8(server.bearerToken.reveal());
        add(server.headers);
        for (const auto &[name, value] : server.environment) {
            if (isCredentialName(name))
                known += value;
        }
    }
    for (const QString &variable : environment) {
        const QString name = variable.section(u'=', 0, 0);
        if (isCredentialName(name) || settings.environment.exclude.contains(name))
            known += variable.section(u'=', 1);
    }
    return known;
}

} // namespace nightshift::llm
