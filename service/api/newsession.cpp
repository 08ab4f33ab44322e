#include "newsession.h"
#include "api/inpool.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

constexpr auto patience = std::chrono::minutes(30); // for the copy of a large tree

static std::unique_ptr<AcceptedReply> accepted(Sessions &sessions, const Sessions::Made &made,
                                               const http::RequestHead &head)
{
    return std::make_unique<AcceptedReply>(sessions, made.session->id(), made.accepted, AcceptedReply::Shows::Session,
                                           head);
}

http::Answer answerWithNew(Sessions &sessions, const SessionDraft &draft, const http::RequestHead &head)
{
    if (draft.settings.isolation != Isolation::None)
        return std::make_unique<NewSession>(sessions, draft, head);
    const auto made = sessions.make(draft, {});
    return made ? http::Answer(accepted(sessions, *made, head)) : http::Answer(made.error());
}

NewSession::NewSession(Sessions &sessions, const SessionDraft &draft, const http::RequestHead &head)
    : LaterReply(patience)
    , m_sessions(sessions)
    , m_head(head)
{
    const auto make = [settings = draft.settings] { return SessionOpener::makeTree(settings); };
    inPool(&sessions, make, [&sessions, draft, self = QPointer(this)](const Result<SessionOpener::Tree> &tree) {
        const auto made =
            tree ? sessions.make(draft, *tree) : http::Judged<Sessions::Made>(std::unexpected(problemOf(tree.error())));
        if (self)
            self->onMade(made);
    });
}

void NewSession::onMade(const http::Judged<Sessions::Made> &made)
{
    if (!made) {
        emit finished(std::unexpected(made.error()));
        return;
    }
    m_accepted = accepted(m_sessions, *made, m_head);
    connect(m_accepted.get(), &LaterReply::finished, this, &LaterReply::finished);
    QTimer::singleShot(m_accepted->wait, this, [this] { emit finished(soFar()); });
}

http::Response NewSession::soFar() const
{
    return m_accepted ? m_accepted->soFar()
                      : http::problemResponse({http::ProblemCode::Busy, u"the session's tree is still made"_s}, {});
}

} // namespace nightshift::api
