#pragma once
#include "http/route.h"

namespace nightshift::http {

/// Events as one answer of JSON: those of the types that are asked for, at most so many.
struct EventPage
{
    qint64 after = 0; ///< All up to here was taken or filtered.
    qsizetype limit = 0;
    QByteArrayList types; ///< Empty means all.
    std::vector<RawJson> data = {};
    bool done = false; ///< Nothing comes after these.

    /// Takes what there is until it is full; of a long log that holds little of what is asked for only a part is read.
    void fill(FeedSource &source);
    Response response(const FeedSource &source) const;
    bool isAnswer() const { return done || !data.empty(); }
};

/// A page that is waited for: until there is something in it.
class AwaitedPage : public LaterReply
{
    Q_OBJECT

public:
    AwaitedPage(std::unique_ptr<FeedSource> source, EventPage page, std::chrono::milliseconds wait);

    Response soFar() const override { return m_page.response(*m_source); }

private:
    void onGrew();

    const std::unique_ptr<FeedSource> m_source;
    EventPage m_page;
};

/// The page that is asked for, once there is something in it or the client has waited as long as it prefers.
Answer eventPage(const Request &request, std::unique_ptr<FeedSource> source, FeedStart start,
                 const QByteArrayList &types);

} // namespace nightshift::http
