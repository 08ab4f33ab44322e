#include "sessiondraft.h"
#include "api/costlimit.h"
#include "api/sessions.h"
#include "api/turnstart.h"
#include "api/workingtree.h"

namespace nightshift::api {

http::Judged<SessionDraft> draftNew(const Sessions &sessions, SessionOptions options, const TurnOptions &turn,
                                    const http::Token &caller)
{
    if (options.cwd.isEmpty())
        options.cwd = sessions.opener().startFolder();
    const auto settings = sessions.access().work(caller, options, AccessControl::Of::NewSession);
    if (!settings)
        return std::unexpected(settings.error());
    if (const auto known = checkCostLimit(options.limits, *settings); !known)
        return std::unexpected(known.error());
    if (const auto readable = judge(inputProblems(turn.input, options.cwd)); !readable)
        return std::unexpected(readable.error());
    if (const auto free = turn.isEmpty() ? http::Judged<void>() : checkTree(options, {}, sessions.hosted()); !free)
        return std::unexpected(free.error());
    return SessionDraft{std::move(options), turn, *settings, caller};
}

http::Judged<SessionDraft> draftFork(Sessions &sessions, const QString &parent, const ForkOptions &fork,
                                     const http::Token &caller)
{
    const auto log = sessions.log(parent, caller);
    if (!log)
        return std::unexpected(log.error());
    SessionOptions options = (*log)->view().options;
    options.externalId.clear();
    const TurnOptions &place = fork.place;
    options.cwd = place.cwd.isEmpty() ? options.cwd : place.cwd;
    options.sandbox = place.sandbox.isEmpty() ? options.sandbox : place.sandbox;
    options.network = place.network ? place.network : options.network;
    if (fork.isolation)
        options.isolation = *fork.isolation;
    if (options.cwd.isEmpty())
        return std::unexpected(AccessControl::noFolder());
    const auto settings = sessions.access().work(caller, options, AccessControl::Of::NewSession);
    if (!settings)
        return std::unexpected(settings.error());
    return SessionDraft{
        std::move(options), {}, *settings, caller, SessionDraft::Parent{parent, (*log)->path(), fork.atTurn}};
}

} // namespace nightshift::api
