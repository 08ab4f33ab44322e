#include "summary.h"
#include "base/outputwindow.h"
#include "engine/contextgauge.h"
#include "engine/items.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

using Kind = HistoryItem::Kind;

bool isTold(const HistoryItem &item)
{
    return item.kind == Kind::Developer || item.kind == Kind::User;
}

/// What may be filled of the window: a tenth is kept for the summary and for what asks for it, in small windows
/// as much as they need.
qint64 fillable(const Settings &settings)
{
    constexpr qint64 summaryTokens = 1000;
    const qint64 window = settings.modelInfo.contextWindow;
    return std::max(std::min(window * 9 / 10, window - summaryTokens), window / 2);
}

/// The tokens at which a summary is due.
qint64 limit(const Settings &settings)
{
    const qint64 most = fillable(settings);
    const auto wanted =
        settings.autoCompactTokenLimit ? settings.autoCompactTokenLimit : settings.modelInfo.autoCompactTokenLimit;
    return std::min(wanted.value_or(most), most);
}

/// Of what the user said, this much is kept: the reference's 20,000 tokens, less where the window is small.
qint64 retainedBytes(const Settings &settings)
{
    return 4 * std::min<qint64>(20'000, limit(settings) / 4);
}

HistoryItem said(const QString &text)
{
    return {Kind::User, userText(text), {}};
}

/// The text, or its head and tail when it has more bytes.
QString shortened(const QString &text, qint64 bytes)
{
    constexpr qint64 markerBytes = 64;
    const QByteArray utf8 = text.toUtf8();
    if (utf8.size() <= bytes)
        return text;
    OutputWindow window(std::max<qint64>(bytes - markerBytes, 0));
    window.feed(utf8);
    return QString::fromUtf8(window.text());
}

/// The prompts that fit into `bytes`, in their order: the first, which gives the task, then the newest. The one
/// that does not fit loses its middle.
History retainedPrompts(std::span<const HistoryItem> items, qint64 bytes)
{
    QStringList prompts;
    for (const HistoryItem &item : items) {
        if (const QStringList texts = promptTexts(item); !texts.isEmpty())
            prompts += texts.join(u'\n');
    }
    const auto take = [&bytes](const QString &text, qint64 most) {
        const HistoryItem item = said(shortened(text, most));
        bytes -= item.json.text.size(); // many short prompts weigh more than their words
        return item;
    };
    History newest;
    if (prompts.isEmpty())
        return newest;
    const HistoryItem first = take(prompts.takeFirst(), prompts.isEmpty() ? bytes : bytes / 2);
    while (!prompts.isEmpty() && bytes > 0)
        newest.insert(newest.begin(), take(prompts.takeLast(), bytes));
    newest.insert(newest.begin(), first);
    return newest;
}

} // namespace

Sections sections(const History &history)
{
    const auto head = std::ranges::find_if_not(history, isTold);
    const auto tail = std::find_if_not(history.rbegin(), history.rend(), isTold).base();
    return {size_t(head - history.begin()), size_t(std::max(head, tail) - history.begin())};
}

size_t newerHalf(const History &history, size_t from, size_t tail)
{
    qint64 older = 0;
    for (size_t i = from; i < tail; ++i)
        older += history[i].json.text.size();
    older /= 2;
    QStringList open;
    for (size_t i = from; i < tail; ++i) {
        const HistoryItem &item = history[i];
        const bool answered = i > from && history[i - 1].kind == Kind::Output && item.kind != Kind::Output;
        if (older <= 0 && open.isEmpty() && (isTold(item) || answered))
            return i;
        if (item.kind == Kind::Call)
            open += item.call;
        else if (item.kind == Kind::Output)
            open.removeOne(item.call);
        older -= item.json.text.size();
    }
    return tail;
}

bool isTooLong(const Settings &settings, const History &history, qint64 tokens)
{
    const qint64 most = limit(settings);
    if (tokens < most)
        return false;
    const Sections parts = sections(history);
    const std::span items(history);
    // A summary that is due again at once, because the rest alone fills the context, helps nobody.
    const qint64 body = tokens - estimatedTokens(items.first(parts.head));
    if (!parts.canBeSummedUp() || body - estimatedTokens(items.subspan(parts.tail)) < most / 10)
        return false;
    return !settings.compactBodyAfterPrefix || body >= most || tokens >= fillable(settings);
}

bool isTooLongToKeep(const Settings &settings, const History &history, qint64 tokens)
{
    return settings.postTurnCompactPercent && sections(history).canBeSummedUp() &&
           tokens * 100 >= *settings.postTurnCompactPercent * settings.modelInfo.contextWindow;
}

QString introducedSummary(const QString &summary)
{
    return summaryStart +
           u"\nThe conversation up to here grew too long and was replaced by this summary, which you "
           "wrote yourself. The user's messages above are original, the newest last; what they asked "
           "for may be done already. Go on from here; files and commands are as you left them.\n\n"_s +
           summary.trimmed();
}

History summedUp(const Settings &settings, const History &history, const History &context, const QString &summary)
{
    const Sections parts = sections(history);
    const std::span items(history);
    History result = context;
    std::ranges::move(retainedPrompts(items.first(parts.tail), retainedBytes(settings)), std::back_inserter(result));
    result.push_back(said(introducedSummary(summary)));
    for (const HistoryItem &item : items.subspan(parts.tail)) {
        if (std::ranges::find(context, item) == context.end())
            result.push_back(item);
    }
    return result;
}

} // namespace nightshift::engine
