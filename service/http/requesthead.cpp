#include "requesthead.h"
#include <QByteArrayList>
#include <algorithm>
#include <cctype>
#include <cstring>

using namespace Qt::StringLiterals;

namespace nightshift::http {

namespace {

constexpr qsizetype maxFields = 100;   // ours send a dozen
constexpr qsizetype maxTarget = 8'000; // what RFC 9112, section 3, wants to be possible

// Of these a second one can only mean that somebody is to be fooled.
constexpr const char *singular[] = {"authorization", "content-type",    "content-length", "transfer-encoding", "origin",
                                    "expect",        "idempotency-key", "last-event-id",  "sec-fetch-site",    "range"};

std::unexpected<Problem> malformed(const QString &detail)
{
    return std::unexpected(Problem{ProblemCode::MalformedRequest, detail});
}

std::unexpected<Problem> tooLarge(const QString &detail)
{
    return std::unexpected(Problem{ProblemCode::HeadersTooLarge, detail});
}

bool isTokenByte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && std::strchr("!#$%&'*+-.^_`|~", c));
}

bool isToken(QByteArrayView text)
{
    return !text.isEmpty() && std::ranges::all_of(text, isTokenByte);
}

bool isFieldByte(char c)
{
    return c == '\t' || (uchar(c) >= 0x20 && c != 0x7f);
}

Judged<void> readTarget(QByteArrayView target, RequestHead &head)
{
    if (target.size() > maxTarget)
        return tooLarge(u"the target has more than %1 bytes"_s.arg(maxTarget));
    if (!std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; }))
        return malformed(u"the target holds a byte that belongs percent-encoded"_s);
    for (const char *scheme : {"http://", "https://"}) {
        if (target.startsWith(scheme)) {
            // What a client says to a proxy; the authority is then compared with Host.
            target = target.sliced(qstrlen(scheme));
            const auto slash = std::ranges::find_if(target, [](char c) { return c == '/' || c == '?'; });
            head.headers.add(":authority", target.first(slash - target.begin()).toByteArray());
            target = target.sliced(slash - target.begin());
            if (target.isEmpty())
                target = "/";
            break;
        }
    }
    if (!target.startsWith('/'))
        return malformed(u"the target is no path"_s);
    const qsizetype question = target.indexOf('?');
    head.path = (question < 0 ? target : target.first(question)).toByteArray();
    if (question >= 0)
        head.query = target.sliced(question + 1).toByteArray();
    return {};
}

Judged<void> readRequestLine(QByteArrayView line, RequestHead &head)
{
    const qsizetype first = line.indexOf(' '), last = line.lastIndexOf(' ');
    if (first < 0 || first == last || line.sliced(first + 1, last - first - 1).contains(' '))
        return malformed(u"the request line is not METHOD TARGET VERSION with one space between"_s);
    const QByteArrayView method = line.first(first), version = line.sliced(last + 1);
    if (!isToken(method) || method.size() > 32)
        return malformed(u"the method is no token"_s);
    head.method = method.toByteArray();
    const bool isVersion = version.size() == 8 && version.startsWith("HTTP/") && isdigit(uchar(version[5])) &&
                           version[6] == '.' && isdigit(uchar(version[7]));
    if (!isVersion)
        return malformed(u"the version is not of the form HTTP/1.1"_s);
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return std::unexpected(Problem{ProblemCode::VersionNotSupported, QString::fromLatin1(version)});
    head.minorVersion = version[7] - '0';
    return readTarget(line.sliced(first + 1, last - first - 1), head);
}

Judged<Header> readField(QByteArrayView line)
{
    if (line.startsWith(' ') || line.startsWith('\t'))
        return malformed(u"a header field is folded over two lines"_s);
    const qsizetype colon = line.indexOf(':');
    if (colon < 0)
        return malformed(u"a header line has no colon"_s);
    if (!isToken(line.first(colon)))
        return malformed(u"a header's name is no token"_s);
    const QByteArrayView value = line.sliced(colon + 1);
    if (!std::ranges::all_of(value, isFieldByte))
        return malformed(u"the value of %1 holds a control character"_s.arg(QLatin1StringView(line.first(colon))));
    return Header{line.first(colon).toByteArray().toLower(), value.trimmed().toByteArray()};
}

/// One way to know where the body ends, or none. Source: RFC 9112, section 6.3.
Judged<void> readFraming(RequestHead &head)
{
    if (head.headers.contains("transfer-encoding")) {
        if (head.headers.contains("content-length"))
            return malformed(u"both Content-Length and Transfer-Encoding say how long the body is"_s);
        if (head.minorVersion == 0)
            return malformed(u"HTTP/1.0 has no Transfer-Encoding"_s);
        const QByteArray coding = head.headers.value("transfer-encoding");
        if (coding.compare("chunked", Qt::CaseInsensitive) != 0)
            return std::unexpected(Problem{ProblemCode::NotImplemented, u"only chunked bodies are understood"_s});
        head.chunked = true;
    }
    if (head.headers.contains("content-length")) {
        const QByteArray length = head.headers.value("content-length");
        const bool digits = std::ranges::all_of(length, [](char c) { return c >= '0' && c <= '9'; });
        if (length.isEmpty() || !digits)
            return malformed(u"Content-Length is not a number"_s);
        bool fits = false;
        head.contentLength = length.toLongLong(&fits);
        if (!fits)
            return std::unexpected(Problem{ProblemCode::BodyTooLarge, u"Content-Length is beyond all measure"_s});
    }
    return {};
}

Judged<void> readMeaning(RequestHead &head)
{
    for (const char *name : singular) {
        if (head.headers.count(name) > 1)
            return malformed(u"there is more than one %1"_s.arg(QLatin1StringView(name)));
    }
    if (const auto framed = readFraming(head); !framed)
        return framed;
    if (head.headers.contains("expect")) {
        if (head.headers.value("expect").compare("100-continue", Qt::CaseInsensitive) != 0)
            return std::unexpected(Problem{ProblemCode::ExpectationFailed, u"only 100-continue can be expected"_s});
        head.expectsContinue = head.minorVersion == 1;
    }
    const QByteArrayList wishes = head.headers.list("connection").toLower().split(',');
    const auto wants = [&](const char *wish) {
        return std::ranges::any_of(wishes, [&](const QByteArray &each) { return each.trimmed() == wish; });
    };
    head.keepAlive = head.minorVersion == 1 && !wants("close"); // HTTP/1.0 would want to be told
    return {};
}

} // namespace

Judged<qsizetype> headEnd(QByteArrayView received, qsizetype maxBytes)
{
    if (!received.isEmpty() && !isTokenByte(received[0]))
        return malformed(u"the request does not begin with a method"_s);
    qsizetype start = 0;
    for (qsizetype end; (end = received.indexOf('\n', start)) >= 0 && end < maxBytes; start = end + 1) {
        if (end == start || received[end - 1] != '\r')
            return malformed(u"a line ends in LF without CR"_s);
        if (end == start + 1)
            return end + 1;
    }
    if (received.size() >= maxBytes)
        return tooLarge(u"the head has more than %1 bytes"_s.arg(maxBytes));
    return 0;
}

Judged<RequestHead> readHead(QByteArrayView text)
{
    RequestHead head;
    const auto nextLine = [&text] {
        const qsizetype end = text.indexOf("\r\n");
        const QByteArrayView line = text.first(end);
        text = text.sliced(end + 2);
        return line;
    };
    if (const auto read = readRequestLine(nextLine(), head); !read)
        return std::unexpected(read.error());
    for (QByteArrayView line; !(line = nextLine()).isEmpty();) {
        auto field = readField(line);
        if (!field)
            return std::unexpected(field.error());
        head.headers.fields.push_back(std::move(*field));
        if (qsizetype(head.headers.fields.size()) > maxFields)
            return tooLarge(u"the head has more than %1 fields"_s.arg(maxFields));
    }
    if (const auto read = readMeaning(head); !read)
        return std::unexpected(read.error());
    return head;
}

} // namespace nightshift::http
