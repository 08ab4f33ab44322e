#include "promptsource.h"
#include "base/boundedfile.h"
#include <QStringDecoder>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

constexpr qsizetype maxPromptBytes = 4 * maxPromptCharacters + 4; // UTF-8 and UTF-16 at their widest, and a mark

enum class Encoding { Utf8, Utf16LE, Utf16BE, Utf32LE, Utf32BE };

struct Mark
{
    QByteArrayView bytes;
    Encoding encoding;
};

/// UTF-32 first: its little-endian mark begins with that of UTF-16.
Mark markOf(QByteArrayView bytes)
{
    using namespace std::string_view_literals;
    static constexpr std::pair<std::string_view, Encoding> marks[] = {
        {"\xff\xfe\0\0"sv, Encoding::Utf32LE}, {"\0\0\xfe\xff"sv, Encoding::Utf32BE}, {"\xff\xfe"sv, Encoding::Utf16LE},
        {"\xfe\xff"sv, Encoding::Utf16BE},     {"\xef\xbb\xbf"sv, Encoding::Utf8},
    };
    for (const auto &[mark, encoding] : marks) {
        if (bytes.startsWith(QByteArrayView(mark.data(), qsizetype(mark.size()))))
            return {bytes.first(qsizetype(mark.size())), encoding};
    }
    return {{}, Encoding::Utf8};
}

/// The length of the well-formed character at the start, 0 when there is none.
/// Source: The Unicode Standard, table 3-7.
int utf8Length(QByteArrayView bytes)
{
    const auto at = [&](qsizetype i) { return i < bytes.size() ? uchar(bytes[i]) : uchar(0); };
    const auto follows = [&](qsizetype i) { return (at(i) & 0xc0) == 0x80; };
    const uchar lead = at(0);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return follows(1) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        const bool overlong = lead == 0xe0 && at(1) < 0xa0;
        const bool surrogate = lead == 0xed && at(1) > 0x9f;
        return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const bool overlong = lead == 0xf0 && at(1) < 0x90;
        const bool beyond = lead == 0xf4 && at(1) > 0x8f;
        return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

std::optional<qsizetype> firstInvalidByte(QByteArrayView bytes)
{
    for (qsizetype at = 0; at < bytes.size();) {
        const int length = utf8Length(bytes.sliced(at));
        if (length == 0)
            return at;
        at += length;
    }
    return {};
}

qsizetype characterCount(QStringView text)
{
    return text.size() - std::ranges::count_if(text, [](QChar c) { return c.isLowSurrogate(); });
}

bool isBlank(QStringView text)
{
    return text.trimmed().isEmpty();
}

std::unexpected<Error> tooLong()
{
    return fail(Error::Kind::Invalid,
                "Input exceeds the maximum length of %1 characters."_L1.arg(QString::number(maxPromptCharacters)));
}

Result<std::optional<QString>> limited(const QString &text)
{
    if (characterCount(text) > maxPromptCharacters)
        return tooLong();
    return text;
}

Error fromStdin(Error error)
{
    error.message = u"Failed to read prompt from stdin: "_s + error.message;
    return error;
}

/// To the end, or as much as shows that it is too much.
Result<QByteArray> readAll(int fd)
{
    QByteArray bytes;
    char chunk[65536];
    while (bytes.size() <= maxPromptBytes) {
        const ssize_t got = ::read(fd, chunk, sizeof chunk);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(Error::Kind::Invalid, QString::fromLocal8Bit(strerror(errno)));
        bytes.append(chunk, got);
    }
    return bytes;
}

Result<QString> promptFileText(const QString &path)
{
    const QString place = u"Failed to read prompt file "_s + path;
    const auto bytes = readBounded(path, fileuse::prompt);
    if (!bytes)
        return failAt(place, bytes.error());
    const auto text = textFromBytes(*bytes);
    if (!text)
        return failAt(place, text.error());
    if (isBlank(*text))
        return failAt(place, {Error::Kind::Invalid, u"it is empty"_s});
    return text;
}

} // namespace

Result<QString> textFromBytes(QByteArrayView bytes)
{
    const Mark mark = markOf(bytes);
    const QByteArrayView content = bytes.sliced(mark.bytes.size());
    if (mark.encoding == Encoding::Utf32LE || mark.encoding == Encoding::Utf32BE)
        return fail(Error::Kind::Invalid, "input appears to be UTF-32%1. Convert it to UTF-8 and retry."_L1.arg(
                                              mark.encoding == Encoding::Utf32LE ? "LE"_L1 : "BE"_L1));
    if (mark.encoding == Encoding::Utf8) {
        if (const auto at = firstInvalidByte(content))
            return fail(Error::Kind::Invalid,
                        "input is not valid UTF-8 (invalid byte at offset %1). Convert it to UTF-8 and retry, for "
                        "example with iconv."_L1.arg(QString::number(*at + mark.bytes.size())));
        return QString::fromUtf8(content);
    }
    const bool little = mark.encoding == Encoding::Utf16LE;
    QStringDecoder decode(little ? QStringDecoder::Utf16LE : QStringDecoder::Utf16BE, QStringDecoder::Flag::Stateless);
    const QString text = decode(content);
    if (decode.hasError() || content.size() % 2 != 0 || !text.isValidUtf16())
        return fail(Error::Kind::Invalid,
                    "input looked like UTF-16%1 but could not be decoded. Convert it to UTF-8 and retry."_L1.arg(
                        little ? "LE"_L1 : "BE"_L1));
    return text;
}

Result<PromptPlan> planPrompt(const ExecOptions &options, std::optional<QString> fileText, bool stdinIsTerminal)
{
    using Stdin = PromptPlan::Stdin;
    if (options.prompt == "-"_L1)
        return PromptPlan{.fromStdin = Stdin::IsPrompt, .text = {}, .notice = {}};
    const std::optional<QString> text = fileText ? std::move(fileText) : options.prompt;
    const bool newSession = std::holds_alternative<std::monostate>(options.target);
    const bool resumed = std::holds_alternative<ResumeTarget>(options.target);
    if (text && newSession && !stdinIsTerminal)
        return PromptPlan{Stdin::Appended, text, "Reading additional input from stdin..."_L1};
    if (text || (!newSession && !resumed)) // a fork needs no prompt; what a review is about is known
        return PromptPlan{.fromStdin = Stdin::Ignored, .text = text, .notice = {}};
    if (stdinIsTerminal)
        return fail(Error::Kind::Invalid,
                    u"No prompt provided. Either specify one as an argument or pipe the prompt into stdin."_s);
    return PromptPlan{.fromStdin = Stdin::IsPrompt, .text = {}, .notice = "Reading prompt from stdin..."_L1};
}

Result<std::optional<QString>> finishPrompt(const PromptPlan &plan, QByteArrayView stdinBytes)
{
    if (plan.fromStdin == PromptPlan::Stdin::Ignored)
        return plan.text ? limited(*plan.text) : std::optional<QString>();
    if (stdinBytes.size() > maxPromptBytes)
        return tooLong();
    const auto piped = textFromBytes(stdinBytes);
    if (!piped)
        return std::unexpected(fromStdin(piped.error()));
    if (plan.fromStdin == PromptPlan::Stdin::IsPrompt)
        return isBlank(*piped) ? fail(Error::Kind::Invalid, u"No prompt provided via stdin."_s) : limited(*piped);
    if (isBlank(*piped))
        return limited(*plan.text);
    const QLatin1StringView lineEnd = piped->endsWith(u'\n') ? ""_L1 : "\n"_L1;
    return limited(*plan.text + "\n\n<stdin>\n"_L1 + *piped + lineEnd + "</stdin>"_L1);
}

Result<std::optional<QString>> readPrompt(const ExecOptions &options, int stdinFd,
                                          const std::function<void(QLatin1StringView)> &notify)
{
    std::optional<QString> fileText;
    if (options.promptFile) {
        const auto text = promptFileText(*options.promptFile);
        if (!text)
            return std::unexpected(text.error());
        fileText = *text;
    }
    const auto plan = planPrompt(options, std::move(fileText), isatty(stdinFd));
    if (!plan)
        return std::unexpected(plan.error());
    if (!plan->notice.isEmpty())
        notify(plan->notice);
    if (plan->fromStdin == PromptPlan::Stdin::Ignored)
        return finishPrompt(*plan, {});
    const auto bytes = readAll(stdinFd);
    return bytes ? finishPrompt(*plan, *bytes) : std::unexpected(fromStdin(bytes.error()));
}

} // namespace nightshift::app
