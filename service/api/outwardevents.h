#pragma once
#include "api/loggedevent.h"
#include "base/outputwindow.h"
#include "http/feedtext.h"
#include "wire/threadencoder.h"
#include <deque>

namespace nightshift::api {

/// A session's events in the words of `--json`, with `seq`, `time`, `session_id` and `turn_id` at their ends. It is
/// given all lines of the log in order; what a run tells that is not recorded comes in between.
class OutwardEvents
{
public:
    explicit OutwardEvents(QString sessionId)
        : m_sessionId(std::move(sessionId))
    {}

    /// The event that a line of the log tells; absent when it tells none.
    std::optional<http::FeedEvent> recorded(const LoggedEvent &logged);
    /// One that is told and not recorded.
    std::optional<http::FeedEvent> fleeting(const Event &event);
    /// The items that are under way, as they stand.
    std::vector<http::FeedEvent> snapshots() const;

private:
    /// A command that runs, and what it printed.
    struct Running
    {
        CommandLine command;
        OutputWindow output;
    };

    void followTurns(const LoggedEvent &logged);
    void followItems(const Event &event);
    http::FeedEvent finished(const RawJson &object, const LoggedEvent *logged) const;

    QString m_sessionId;
    wire::ThreadEncoder m_encoder{wire::ThreadEncoder::Deltas::Foretold};
    QString m_turnId;             ///< Empty between turns.
    std::deque<QString> m_queued; ///< Turns that wait; what comes between two turns belongs to the next one.
    bool m_turnEnds = false;      ///< With the event that was told last.
    QString m_text;               ///< Of the message or reasoning under way.
    const char *m_textType = "agent_message";
    std::map<CallId, Running> m_running;
};

} // namespace nightshift::api
