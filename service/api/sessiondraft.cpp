#include "sessiondraft.h"
#include "api/sessionadmission.h"
#include "api/sessions.h"
#include "api/turnstart.h"
#include "api/workingtree.h"

namespace nightshift::api {

http::Judged<SessionDraft> draftNew(const Sessions &sessions, SessionOptions options, const TurnOptions &turn,
                                    const http::Token &caller)
{
    const http::Allowance &allowance = sessions.allowance();
    const SessionOpener &opener = sessions.opener();
    const auto folder = allowance.folder(caller, options.cwd.isEmpty() ? opener.startFolder() : options.cwd);
    if (!folder)
        return std::unexpected(folder.error());
    if (const auto allowed = checkApproval(options.approval, caller); !allowed)
        return std::unexpected(allowed.error());
    options.cwd = *folder;
    const auto settings = opener.settings(options);
    if (!settings)
        return std::unexpected(settings.error());
    if (const auto allowed = allowance.model(caller, options.model); !allowed)
        return std::unexpected(allowed.error());
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
    if (const auto allowed = checkApproval(options.approval, caller); !allowed)
        return std::unexpected(allowed.error());
    options.externalId.clear();
    if (fork.isolation)
        options.isolation = *fork.isolation;
    const auto settings = sessions.opener().settings(options);
    if (!settings)
        return std::unexpected(settings.error());
    return SessionDraft{
        std::move(options), {}, *settings, caller, SessionDraft::Parent{parent, (*log)->path(), fork.atTurn}};
}

} // namespace nightshift::api
