#include "capturingclient.h"
#include "base/rawjson.h"
#include <QDir>
#include <QFile>
#include <QUrl>
#include <tuple>

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

/// Shorter ones would also be found in ordinary text, and protect nothing.
constexpr qsizetype shortestSecretBytes = 8;

bool holdsAKey(const QByteArray &header)
{
    return header.contains("auth") || header.contains("key") || header.contains("token") || header.contains("cookie") ||
           header.contains("secret");
}

QByteArray withoutKeys(QByteArray text, const QByteArrayList &secrets)
{
    for (const QByteArray &secret : secrets)
        text.replace(secret, "***");
    return text;
}

/// One file of an exchange, readable by its owner only. What cannot be written is lost: a capture ends no run.
class Page
{
public:
    explicit Page(const QString &path)
        : m_file(path)
    {
        std::ignore = m_file.open(QIODevice::WriteOnly | QIODevice::NewOnly, QFile::ReadOwner | QFile::WriteOwner);
    }
    bool isOpen() const { return m_file.isOpen(); }
    void write(const QByteArray &bytes)
    {
        m_file.write(bytes);
        m_file.flush(); // a run that hangs or is killed is what somebody wants to see
    }

private:
    QFile m_file;
};

class Capture final : public HttpExchange
{
public:
    Capture(std::unique_ptr<Page> head, const QString &start, const HttpRequest &request, HttpHandlers handlers,
            QByteArrayList secrets)
        : m_head(std::move(head))
        , m_body(start + u"-response.sse"_s)
        , m_handlers(std::move(handlers))
        , m_secrets(std::move(secrets))
    {
        for (const auto &[name, value] : request.headers) {
            if (holdsAKey(name))
                addSecret(value.startsWith("Bearer ") ? value.sliced(7) : value);
        }
        // A URL's query may be a key: the names stay.
        QUrl url(request.url);
        QByteArray shown = url.adjusted(QUrl::RemoveQuery | QUrl::RemoveUserInfo).toEncoded();
        for (const QString &pair : url.query().split(u'&', Qt::SkipEmptyParts))
            shown += (shown.contains('?') ? '&' : '?') + pair.section(u'=', 0, 0).toUtf8() + "=***";
        write(*m_head, request.method + ' ' + shown + '\n');
        writeHeaders(request.headers);
        Page body(start + u"-request.json"_s);
        write(body, request.body.size() == 1 ? request.body[0] : joined(request.body));
    }

    ~Capture() override { writeLines(true); }
    void conclude() override { m_exchange->conclude(); }

    HttpHandlers handlers()
    {
        return {
            .head =
                [this](int status, const HttpHeaders &headers) {
                    write(*m_head, "\n" + QByteArray::number(status) + '\n');
                    writeHeaders(headers);
                    m_handlers.head(status, headers);
                },
            .body =
                [this](const QByteArray &bytes) {
                    m_pending += bytes;
                    writeLines(false);
                    m_handlers.body(bytes);
                },
            .end =
                [this](const Result<> &outcome) {
                    writeLines(true);
                    write(*m_head, outcome ? "\ncomplete\n" : "\n" + outcome.error().message.toUtf8() + '\n');
                    m_handlers.end(outcome);
                },
            .held = m_handlers.held,
        };
    }

    void own(std::unique_ptr<HttpExchange> exchange) { m_exchange = std::move(exchange); }

private:
    static QByteArray joined(const std::vector<QByteArray> &pieces)
    {
        QByteArray all;
        for (const QByteArray &piece : pieces)
            all += piece;
        return all;
    }

    void addSecret(const QByteArray &secret)
    {
        if (secret.size() >= shortestSecretBytes && !m_secrets.contains(secret))
            m_secrets += secret;
    }

    void write(Page &page, const QByteArray &text) const { page.write(withoutKeys(text, m_secrets)); }

    void writeHeaders(const HttpHeaders &headers)
    {
        for (const auto &[name, value] : headers)
            write(*m_head, name + ": " + (holdsAKey(name) ? "***" : value) + '\n');
    }

    /// Whole lines, so that no key is cut in two and missed.
    void writeLines(bool rest)
    {
        const qsizetype end = rest ? m_pending.size() : m_pending.lastIndexOf('\n') + 1;
        if (end > 0)
            write(m_body, m_pending.first(end));
        m_pending.remove(0, end);
    }

    const std::unique_ptr<Page> m_head;
    Page m_body;
    const HttpHandlers m_handlers;
    QByteArrayList m_secrets;
    QByteArray m_pending; ///< Of the answer, the line that is not complete yet.
    std::unique_ptr<HttpExchange> m_exchange;
};

/// As they stand in JSON, too.
QByteArrayList searchable(const QByteArrayList &secrets)
{
    QByteArrayList all;
    for (const QByteArray &secret : secrets) {
        const QByteArray quoted = json::string(QByteArrayView(secret)).text;
        for (const QByteArray &form : {secret, quoted.sliced(1, quoted.size() - 2)}) {
            if (secret.size() >= shortestSecretBytes && !all.contains(form))
                all += form;
        }
    }
    return all;
}

} // namespace

Result<std::unique_ptr<HttpClient>> CapturingClient::create(std::unique_ptr<HttpClient> client, const QString &folder,
                                                            QByteArrayList secrets)
{
    QDir dir(folder);
    const bool fresh = !dir.exists();
    if (!dir.mkpath(u"."_s) ||
        (fresh && !QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner)))
        return fail(Error::Kind::Denied, u"NIGHTSHIFT_CAPTURE: the folder %1 cannot be made"_s.arg(folder));
    return std::unique_ptr<HttpClient>(new CapturingClient(std::move(client), folder, std::move(secrets)));
}

CapturingClient::CapturingClient(std::unique_ptr<HttpClient> client, QString folder, QByteArrayList secrets)
    : m_client(std::move(client))
    , m_folder(std::move(folder))
    , m_secrets(searchable(secrets))
{}

std::unique_ptr<HttpExchange> CapturingClient::send(HttpRequest request, HttpHandlers handlers)
{
    QString start, path;
    std::unique_ptr<Page> head;
    do { // whoever makes this file has the number, of all runs that write here
        start = m_folder + u'/' + QString::number(++m_last).rightJustified(4, u'0');
        path = start + u"-exchange.txt"_s;
        head = std::make_unique<Page>(path);
    } while (!head->isOpen() && QFile::exists(path));
    auto capture = std::make_unique<Capture>(std::move(head), start, request, std::move(handlers), m_secrets);
    capture->own(m_client->send(std::move(request), capture->handlers()));
    return capture;
}

} // namespace nightshift::llm
