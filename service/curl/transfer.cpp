#include "transfer.h"
#include "base/credentials.h"
#include <QUrl>
#include <algorithm>
#include <cstring>
#include <sys/socket.h>

using namespace Qt::StringLiterals;

namespace nightshift::curl {

/// A command that starts meanwhile must not get it.
static curl_socket_t openSocket(void *, curlsocktype, curl_sockaddr *address)
{
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// A line break in a header's value would begin another header.
static bool isOneLine(const QByteArray &value)
{
    return std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

static curl_slist *headLines(const llm::HttpRequest &request)
{
    curl_slist *lines = curl_slist_append(nullptr, "Expect:"); // no question first, whether a long body may come
    for (const auto &[name, value] : request.headers) {
        if (isOneLine(value))
            lines = curl_slist_append(lines, (value.isEmpty() ? name + ';' : name + ": " + value).constData());
    }
    return lines;
}

Transfer::Transfer(llm::HttpRequest request, const QByteArray &proxy, const TransferOptions &options,
                   llm::HttpHandlers handlers)
    : m_request(std::move(request))
    , m_handlers(std::move(handlers))
    , m_handle(curl_easy_init())
    , m_lines(headLines(m_request))
    , m_limits(options.limits)
{
    prepare(proxy, options);
    prepareBody();
}

Transfer::~Transfer()
{
    curl_easy_cleanup(m_handle);
    curl_slist_free_all(m_lines);
}

void Transfer::prepare(const QByteArray &proxy, const TransferOptions &options)
{
    const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(m_handle, option, value); };
    set(CURLOPT_URL, QUrl(m_request.url).toEncoded().constData());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, proxy.constData()); // an empty one keeps libcurl from looking at the environment
    set(CURLOPT_NOPROXY, "");
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_HTTPHEADER, m_lines);
    set(CURLOPT_PRIVATE, static_cast<void *>(this));
    set(CURLOPT_ERRORBUFFER, m_problem);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_OPENSOCKETFUNCTION, &openSocket);
    set(CURLOPT_HEADERFUNCTION, &onHeader);
    set(CURLOPT_HEADERDATA, static_cast<void *>(this));
    set(CURLOPT_WRITEFUNCTION, &onBody);
    set(CURLOPT_WRITEDATA, static_cast<void *>(this));
    if (!options.caFile.isEmpty() || !options.caFolder.isEmpty()) {
        set(CURLOPT_CAINFO, options.caFile.isEmpty() ? nullptr : options.caFile.constData());
        set(CURLOPT_CAPATH, options.caFolder.isEmpty() ? nullptr : options.caFolder.constData());
    }
}

void Transfer::prepareBody()
{
    curl_off_t size = 0;
    for (const QByteArray &piece : m_request.body)
        size += piece.size();
    const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(m_handle, option, value); };
    if (size > 0 || m_request.method == "POST") {
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_INFILESIZE_LARGE, size);
        set(CURLOPT_READFUNCTION, &onRead);
        set(CURLOPT_READDATA, static_cast<void *>(this));
        set(CURLOPT_SEEKFUNCTION, &onSeek);
        set(CURLOPT_SEEKDATA, static_cast<void *>(this));
    }
    if (m_request.method == "HEAD")
        set(CURLOPT_NOBODY, 1L);
    else
        set(CURLOPT_CUSTOMREQUEST, m_request.method.constData());
}

size_t Transfer::onRead(char *to, size_t size, size_t count, void *self)
{
    return static_cast<Transfer *>(self)->read(to, size * count);
}

/// A history is sent from where it lies, never joined.
size_t Transfer::read(char *to, size_t wanted)
{
    size_t done = 0;
    while (done < wanted && m_piece < m_request.body.size()) {
        const QByteArray &piece = m_request.body[m_piece];
        const size_t part = std::min(wanted - done, size_t(piece.size() - m_offset));
        std::memcpy(to + done, piece.constData() + m_offset, part);
        done += part;
        m_offset += qsizetype(part);
        if (m_offset == piece.size()) {
            ++m_piece;
            m_offset = 0;
        }
    }
    return done;
}

/// libcurl only goes back to the begin: the connection was closed before any of it was answered.
int Transfer::onSeek(void *self, curl_off_t offset, int origin)
{
    if (offset != 0 || origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    static_cast<Transfer *>(self)->m_piece = 0;
    static_cast<Transfer *>(self)->m_offset = 0;
    return CURL_SEEKFUNC_OK;
}

size_t Transfer::onHeader(char *data, size_t size, size_t count, void *self)
{
    auto *transfer = static_cast<Transfer *>(self);
    if (transfer->isHeadTooLarge(size * count))
        return 0; // which ends it
    transfer->takeHeader(QByteArray(data, qsizetype(size * count)).trimmed());
    return size * count;
}

bool Transfer::isHeadTooLarge(size_t lineBytes)
{
    m_headBytes += qint64(lineBytes);
    if (qint64(lineBytes) > m_limits.headerLineBytes)
        m_excess = exceeded(m_limits, &AnswerLimits::headerLineBytes);
    else if (m_headBytes > m_limits.headerBytes)
        m_excess = exceeded(m_limits, &AnswerLimits::headerBytes);
    return !m_excess.isEmpty();
}

/// Of the last head only: others come before it, as of 103. What comes after the body is a trailer.
void Transfer::takeHeader(const QByteArray &line)
{
    if (m_head != Head::Coming)
        return;
    const qsizetype colon = line.indexOf(':');
    if (line.startsWith("HTTP/")) {
        m_status = line.mid(line.indexOf(' ') + 1, 3).toInt();
        m_headers.clear();
    } else if (line.isEmpty() && m_status >= 200) {
        m_head = Head::Complete;
        announce();
    } else if (colon > 0) {
        m_headers.emplace_back(line.first(colon).toLower(), line.sliced(colon + 1).trimmed());
    }
}

size_t Transfer::onBody(char *data, size_t size, size_t count, void *self)
{
    auto *transfer = static_cast<Transfer *>(self);
    if (!transfer->m_isDropped) {
        transfer->m_body.append(data, qsizetype(size * count));
        transfer->announce();
    }
    return size * count;
}

void Transfer::announce()
{
    if (!std::exchange(m_isAnnounced, true))
        m_news->push_back(shared_from_this());
}

QString Transfer::failure(CURLcode code) const
{
    long reason = 0;
    curl_easy_getinfo(m_handle, CURLINFO_OS_ERRNO, &reason);
    switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        if (reason != 0)
            return QString::fromLocal8Bit(std::strerror(int(reason)));
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
        return u"Host %1 not found"_s.arg(QUrl(m_request.url).host());
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
        return u"Connection closed"_s;
    default:
        break;
    }
    return withoutUrlSecrets(QString::fromUtf8(m_problem[0] ? m_problem : curl_easy_strerror(code)));
}

void Transfer::end(CURLcode code)
{
    // libcurl keeps no more of a line that has no end.
    if (m_head == Head::Coming && (code == CURLE_TOO_LARGE || code == CURLE_OUT_OF_MEMORY) && m_excess.isEmpty())
        m_excess = exceeded(m_limits, &AnswerLimits::headerLineBytes);
    if (!m_excess.isEmpty()) {
        m_outcome = fail(Error::Kind::Protocol, m_excess);
        return announce();
    }
    // Once there was a refusal, that it was cut off says no more.
    const bool complete = code == CURLE_OK || (m_head != Head::Coming && m_status >= 400);
    m_outcome = complete ? Result<>() : fail(Error::Kind::Network, failure(code));
    announce();
}

void Transfer::pass()
{
    m_isAnnounced = false;
    if (m_head == Head::Complete && !m_isDropped) {
        m_head = Head::Passed;
        m_handlers.head(m_status, m_headers);
    }
    if (!m_body.isEmpty() && !m_isDropped)
        m_handlers.body(std::exchange(m_body, {}));
    if (m_outcome && !m_isDropped) {
        m_isDropped = true;
        m_handlers.end(*m_outcome);
    }
}

} // namespace nightshift::curl
