#pragma once
#include "api/sessionopener.h"

namespace nightshift::api {

class Sessions;

/// A session that is to be made, as far as it could be judged before.
struct SessionDraft
{
    SessionOptions options; ///< Blanks filled in.
    TurnOptions turn;       ///< Empty: it has no work yet.
    Settings settings;
    http::Token caller;
    struct Parent
    {
        QString id;
        QString path; ///< Of its log.
        std::optional<qint64> atTurn;
    };
    std::optional<Parent> parent = {}; ///< Of a fork.
};

http::Judged<SessionDraft> draftNew(const Sessions &sessions, SessionOptions options, const TurnOptions &turn,
                                    const http::Token &caller);

struct ForkOptions
{
    std::optional<qint64> atTurn;     ///< Without what came after that turn.
    std::optional<QString> isolation; ///< Absent: as the parent.
    TurnOptions place = {};           ///< Its folder, sandbox and network; what is absent is as the parent's.
};
/// A session that begins with the history of that one, which the caller may see.
http::Judged<SessionDraft> draftFork(Sessions &sessions, const QString &parent, const ForkOptions &fork,
                                     const http::Token &caller);

} // namespace nightshift::api
