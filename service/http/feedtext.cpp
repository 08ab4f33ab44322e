#include "feedtext.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::http {

QByteArray feedOpening(FeedForm form)
{
    return form == FeedForm::Sse ? "retry: 2000\n: ok\n\n" : "";
}

QByteArray feedText(FeedForm form, const FeedEvent &event)
{
    if (form == FeedForm::JsonLines)
        return event.data + '\n';
    constexpr qsizetype mostAround = 48; // what stands around type and data
    QByteArray text;
    text.reserve(mostAround + event.type.size() + event.data.size()); // once, for every subscriber pays for it
    if (event.seq)
        text.append("id: ").append(QByteArray::number(*event.seq)).append('\n');
    text.append("event: ").append(event.type).append("\ndata: ").append(event.data).append("\n\n");
    return text;
}

QByteArray feedHeartbeat(FeedForm form)
{
    return form == FeedForm::Sse ? ": hb\n\n" : "";
}

QByteArray feedCursor(FeedForm form, qint64 seq)
{
    return form == FeedForm::Sse ? "id: " + QByteArray::number(seq) + "\n\n" : "";
}

FeedEvent feedNotice(const QByteArray &type, const QByteArray &reason, qint64 lastSeq)
{
    return {{}, type, json::object({{"type", type}, {"reason", reason}, {"last_seq", lastSeq}}).text};
}

Judged<FeedStart> feedStart(const RequestHead &head, const std::optional<QByteArray> &after, qint64 lastSeq)
{
    const bool remembered = head.headers.contains("last-event-id");
    const QByteArray text = remembered ? head.headers.value("last-event-id") : after.value_or("0");
    if (!remembered && text == "last")
        return FeedStart{lastSeq};
    const bool digits = !text.isEmpty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    bool fits = false;
    const qint64 seq = text.toLongLong(&fits);
    if (!digits || !fits)
        return std::unexpected(Problem{ProblemCode::InvalidParameter, remembered
                                                                          ? u"Last-Event-ID is a number"_s
                                                                          : u"after is a number, or \"last\""_s});
    return seq > lastSeq ? FeedStart{0, true} : FeedStart{seq};
}

bool passesFilter(const QByteArrayList &types, QByteArrayView type)
{
    return types.isEmpty() || std::ranges::any_of(types, [&](const QByteArray &each) {
               return each.endsWith('*') ? type.startsWith(QByteArrayView(each).chopped(1)) : type == each;
           });
}

} // namespace nightshift::http
