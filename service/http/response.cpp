#include "response.h"
#include <QDateTime>
#include <QFile>
#include <QLocale>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::http {

static const char *reasonPhrase(int status)
{
    constexpr std::pair<int, const char *> phrases[] = {{200, "OK"},
                                                        {201, "Created"},
                                                        {202, "Accepted"},
                                                        {204, "No Content"},
                                                        {206, "Partial Content"},
                                                        {304, "Not Modified"},
                                                        {400, "Bad Request"},
                                                        {401, "Unauthorized"},
                                                        {403, "Forbidden"},
                                                        {404, "Not Found"},
                                                        {405, "Method Not Allowed"},
                                                        {406, "Not Acceptable"},
                                                        {408, "Request Timeout"},
                                                        {409, "Conflict"},
                                                        {410, "Gone"},
                                                        {413, "Content Too Large"},
                                                        {415, "Unsupported Media Type"},
                                                        {416, "Range Not Satisfiable"},
                                                        {417, "Expectation Failed"},
                                                        {422, "Unprocessable Content"},
                                                        {429, "Too Many Requests"},
                                                        {431, "Request Header Fields Too Large"},
                                                        {500, "Internal Server Error"},
                                                        {501, "Not Implemented"},
                                                        {503, "Service Unavailable"},
                                                        {505, "HTTP Version Not Supported"},
                                                        {507, "Insufficient Storage"}};
    const auto row = std::ranges::find(phrases, status, &std::pair<int, const char *>::first);
    return row == std::end(phrases) ? "" : row->second;
}

Response jsonResponse(int status, const RawJson &body)
{
    return {status, {{{"Content-Type", "application/json"}}}, body.text + '\n', nullptr};
}

Response problemResponse(const Problem &problem, const QByteArray &instance)
{
    const int status = statusOf(problem);
    Response response{
        status, {{{"Content-Type", "application/problem+json"}}}, toJson(problem, instance).text + '\n', nullptr};
    if (status == 401)
        response.headers.add("WWW-Authenticate", "Bearer");
    if (status == 405)
        response.headers.add("Allow", problem.allow);
    if (problem.sizeBytes)
        response.headers.add("Content-Range", "bytes */" + QByteArray::number(*problem.sizeBytes));
    if (problem.retryAfter || status == 429 || status == 503)
        response.headers.add("Retry-After",
                             QByteArray::number(problem.retryAfter.value_or(std::chrono::seconds(1)).count()));
    return response;
}

namespace {

struct Range
{
    qint64 from = 0;
    qint64 bytes = 0;
};

std::optional<qint64> readNumber(QByteArrayView text)
{
    const bool digits = !text.isEmpty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    bool fits = false;
    const qint64 number = text.toLongLong(&fits);
    return digits && fits ? std::optional(number) : std::nullopt;
}

/// Nothing for what need not be understood (other units, several ranges): then the whole file is sent.
/// `bytes` is 0 for a range that lies outside of the file.
std::optional<Range> readRange(QByteArrayView field, qint64 size)
{
    if (!field.startsWith("bytes=") || field.contains(','))
        return {};
    const QByteArrayView text = field.sliced(6);
    const qsizetype dash = text.indexOf('-');
    if (dash < 0)
        return {};
    const auto first = readNumber(text.first(dash)), last = readNumber(text.sliced(dash + 1));
    if (dash == 0 && last) // the last bytes of the file
        return Range{std::max<qint64>(0, size - *last), std::min(size, *last)};
    if (!first || (dash + 1 < text.size() && (!last || *last < *first)))
        return {};
    if (*first >= size)
        return Range{};
    return Range{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

bool names(const QByteArray &list, const QByteArray &etag)
{
    const QByteArrayList tags = list.split(',');
    return std::ranges::any_of(tags, [&](const QByteArray &each) {
        const QByteArray tag = each.trimmed();
        return tag == "*" || tag == etag || tag == "W/" + etag;
    });
}

} // namespace

namespace {

/// The answer about `size` bytes, its body left to be put in: which part of them stands in fileFrom and fileBytes.
Judged<Response> partResponse(const RequestHead &head, qint64 size, const QByteArray &type, const QByteArray &etag)
{
    Response response{200, {{{"Content-Type", type}, {"ETag", etag}, {"Accept-Ranges", "bytes"}}}, {}, {}};
    response.fileBytes = size;
    if (names(head.headers.list("if-none-match"), etag)) {
        response.status = 304;
        response.fileBytes = 0;
        return response;
    }
    const bool current = !head.headers.contains("if-range") || head.headers.value("if-range") == etag;
    const auto range = current ? readRange(head.headers.value("range"), size) : std::nullopt;
    if (!range)
        return response;
    if (range->bytes == 0)
        return std::unexpected(Problem{.code = ProblemCode::RangeNotSatisfiable,
                                       .detail = u"the file has %1 bytes"_s.arg(size),
                                       .sizeBytes = size});
    response.status = 206;
    response.fileFrom = range->from;
    response.fileBytes = range->bytes;
    const QByteArray last = QByteArray::number(range->from + range->bytes - 1);
    response.headers.add("Content-Range",
                         "bytes " + QByteArray::number(range->from) + '-' + last + '/' + QByteArray::number(size));
    return response;
}

} // namespace

Judged<Response> fileResponse(const RequestHead &head, std::shared_ptr<QFile> file, const QByteArray &type,
                              const QByteArray &etag)
{
    return partResponse(head, file->size(), type, etag).transform([&](Response response) {
        if (response.status != 304)
            response.file = std::move(file);
        return response;
    });
}

Judged<Response> bytesResponse(const RequestHead &head, const QByteArray &bytes, const QByteArray &type,
                               const QByteArray &etag)
{
    return partResponse(head, bytes.size(), type, etag).transform([&](Response response) {
        response.body = bytes.sliced(std::exchange(response.fileFrom, 0), std::exchange(response.fileBytes, 0));
        return response;
    });
}

/// As RFC 9110, section 5.6.7, writes dates.
static QByteArray httpDate()
{
    thread_local qint64 second = -1; // many answers have theirs in common
    thread_local QByteArray text;
    const QDateTime now = QDateTime::currentDateTimeUtc();
    if (const qint64 current = now.toSecsSinceEpoch(); std::exchange(second, current) != current)
        text = QLocale::c().toString(now, u"ddd, dd MMM yyyy hh:mm:ss 'GMT'").toLatin1();
    return text;
}

QByteArray responseHead(const Response &response, Body body, After after)
{
    QByteArray head = "HTTP/1.1 " + QByteArray::number(response.status) + ' ' + reasonPhrase(response.status) + "\r\n";
    const auto add = [&head](const QByteArray &name, const QByteArray &value) {
        if (!value.contains('\r') && !value.contains('\n') && !value.contains('\0'))
            head += name + ": " + value + "\r\n";
    };
    add("Date", httpDate());
    for (const Header &field : response.headers.fields)
        add(field.name, field.value);
    if (!response.headers.contains("Cache-Control"))
        add("Cache-Control", "no-store");
    add("X-Content-Type-Options", "nosniff");
    if (body == Body::Chunked)
        add("Transfer-Encoding", "chunked");
    else if (body == Body::Length && response.status != 204 && response.status != 304)
        add("Content-Length", QByteArray::number(response.bodyBytes()));
    if (after == After::Close)
        add("Connection", "close");
    return head + "\r\n";
}

} // namespace nightshift::http
