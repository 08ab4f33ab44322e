#pragma once
#include "api/acceptedreply.h"

namespace nightshift::api {

/// The answer to a request for a new session.
http::Answer answerWithNew(Sessions &sessions, const SessionDraft &draft, const http::RequestHead &head);

/// The same for one whose tree is made in the pool first. The session comes into being also when the client left.
class NewSession : public http::LaterReply
{
    Q_OBJECT

public:
    NewSession(Sessions &sessions, const SessionDraft &draft, const http::RequestHead &head);

    http::Response soFar() const override;

private:
    void onMade(const http::Judged<Sessions::Made> &made);

    Sessions &m_sessions;
    http::RequestHead m_head;
    std::unique_ptr<AcceptedReply> m_accepted; ///< Once there is a session.
};

} // namespace nightshift::api
