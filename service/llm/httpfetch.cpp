#include "httpfetch.h"
#include <utility>

using namespace Qt::StringLiterals;

namespace nightshift::llm {

/// Of an answer, and of a line of one; no question of ours has a longer one.
static constexpr qsizetype maxBodyBytes = 8 * 1024 * 1024;
/// Of all the lines of an answer that is read as it comes.
static constexpr qint64 maxLinesBytes = 128 * 1024 * 1024;

HttpFetch::HttpFetch(HttpClient &http, HttpRequest request, std::chrono::milliseconds silence, QObject *parent)
    : QObject(parent)
    , m_url(request.url)
{
    m_silence.setSingleShot(true);
    m_silence.setInterval(silence);
    connect(&m_silence, &QTimer::timeout, this, [this] {
        end(fail(Error::Kind::Timeout,
                 u"%1 said nothing for %2 ms"_s.arg(m_url).arg(m_silence.intervalAsDuration().count())));
    });
    m_silence.start();
    m_exchange =
        http.send(std::move(request), {
                                          .head = [this](int status, const HttpHeaders &) { m_answer.status = status; },
                                          .body = [this](const QByteArray &bytes) { onBody(bytes); },
                                          .end = [this](const Result<> &outcome) { onEnd(outcome); },
                                      });
}

void HttpFetch::onBody(const QByteArray &bytes)
{
    m_silence.start();
    if (m_answer.body.size() + bytes.size() > maxBodyBytes)
        m_answer.body.remove(0, std::exchange(m_lineStart, 0)); // lines that were passed on
    m_bytes += bytes.size();
    if (m_answer.body.size() + bytes.size() > maxBodyBytes || m_bytes > maxLinesBytes)
        return end(fail(Error::Kind::Protocol, u"%1 sent an answer without an end: more than %2 bytes"_s.arg(m_url).arg(
                                                   m_bytes > maxLinesBytes ? maxLinesBytes : maxBodyBytes)));
    m_answer.body += bytes;
    qsizetype end = m_answer.body.indexOf('\n', m_lineStart);
    for (; end >= 0; end = m_answer.body.indexOf('\n', m_lineStart)) {
        const QByteArray complete = m_answer.body.sliced(m_lineStart, end - m_lineStart);
        m_lineStart = end + 1;
        emit line(complete);
    }
}

void HttpFetch::onEnd(const Result<> &outcome)
{
    if (!outcome)
        return end(fail(outcome.error().kind, u"%1: %2"_s.arg(m_url, outcome.error().message)));
    if (m_lineStart < m_answer.body.size())
        emit line(m_answer.body.sliced(m_lineStart));
    end(m_answer);
}

void HttpFetch::end(const Result<HttpAnswer> &outcome)
{
    m_silence.stop();
    m_exchange.reset();
    emit finished(outcome);
}

} // namespace nightshift::llm
