#include "accesscontrol.h"
#include "api/fieldreader.h"
#include "api/problemof.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Judged, http::Problem, http::ProblemCode, http::Scope, http::Token;
using Mode = SandboxPolicy::Mode;

static std::unexpected<Problem> forbidden(const QString &pointer, const QString &sentence)
{
    return std::unexpected(
        Problem{.code = ProblemCode::ScopeMissing, .detail = sentence, .errors = {{pointer, sentence}}});
}

bool isRefusal(const Problem &problem)
{
    return problem.code == ProblemCode::ScopeMissing || problem.code == ProblemCode::RootNotAllowed;
}

AccessControl::AccessControl(const SessionOpener &opener, http::Allowance &allowance, http::TokenStore &tokens)
    : m_opener(opener)
    , m_allowance(allowance)
    , m_tokens(tokens)
{}

std::optional<Token> AccessControl::current(const QString &tokenId) const
{
    const Token local = http::localUser();
    return tokenId == local.id ? local : m_tokens.current(tokenId);
}

Judged<void> AccessControl::stillStands(const Token &caller) const
{
    using Standing = http::TokenStore::Standing;
    const Standing standing = m_tokens.standing(caller);
    if (standing == Standing::Unchanged)
        return {};
    return std::unexpected(
        Problem{standing == Standing::Changed ? ProblemCode::ScopeMissing : ProblemCode::Unauthorized,
                u"the token was changed or taken away meanwhile"_s});
}

bool AccessControl::sees(const Token &caller, const QString &folder) const
{
    return m_allowance.sees(caller, folder);
}

bool AccessControl::sees(const Token &caller, const SessionView &session) const
{
    if (!session.options.cwd.isEmpty())
        return sees(caller, session.options.cwd);
    return caller.roots.isEmpty() || session.importedBy == caller.id;
}

Judged<void> AccessControl::settings(const Token &caller, JsonView body, RequestSetting::In in) const
{
    std::vector<http::FieldProblem> problems;
    refuseOthers(body, in, {}, problems);
    if (in == RequestSetting::NewBatch) {
        refuseOthers(body["session"], RequestSetting::Shared, u"/session"_s, problems);
        qsizetype index = 0;
        for (const JsonView item : body["items"].items())
            refuseOthers(item, RequestSetting::Item, u"/items/%1"_s.arg(index++), problems);
    }
    if (const auto known = judge(std::move(problems)); !known)
        return known;
    const auto name = caller.allows(Scope::Admin) ? std::nullopt : forAdmins(body, in);
    return name ? forbidden(u'/' + *name, u"`%1` is code: it needs the scope admin"_s.arg(*name)) : Judged<void>();
}

Judged<QString> AccessControl::folder(const Token &caller, const QString &cwd) const
{
    return m_allowance.folder(caller, cwd);
}

Judged<void> AccessControl::model(const Token &caller, const QString &model) const
{
    return m_allowance.model(caller, model);
}

Judged<void> AccessControl::sandbox(const Token &caller, const SandboxPolicy &policy) const
{
    const SandboxBound most = caller.most();
    if (policy.mode > most.mode)
        return forbidden(u"/sandbox"_s,
                         u"the sandbox %1 is more than the token %2 may have, which is %3; ask for less, "
                         "or use one made with --sandbox %1 or the scope admin"_s.arg(
                             sandboxModeName(policy.mode), caller.label, sandboxModeName(most.mode)));
    if (policy.mode != Mode::DangerFullAccess && policy.networkAccess && !most.network)
        return forbidden(u"/network_access"_s, u"the token %1 has no network access for commands; ask for "
                                               "network_access false, or use one made with --network or the scope "
                                               "admin"_s.arg(caller.label));
    return {};
}

Judged<void> AccessControl::isolation(const Token &caller, Isolation asked, Isolation usual) const
{
    if (asked != Isolation::None || usual == Isolation::None || caller.allows(Scope::Admin))
        return {};
    return forbidden(u"/isolation"_s,
                     u"the service's settings isolate sessions (%1): to work without needs the scope admin"_s.arg(
                         isolationName(usual)));
}

Judged<void> AccessControl::approval(const Token &caller, const ApprovalOptions &options) const
{
    if (options.otherwise != u"allow"_s)
        return {};
    if (!caller.allows(Scope::Approve))
        return forbidden(u"/approval/default"_s, u"to allow what nobody decides needs the scope approve"_s);
    if (caller.most().mode != Mode::DangerFullAccess)
        return forbidden(u"/approval/default"_s, u"to allow what nobody decides lets commands leave the sandbox: it "
                                                 "needs a token made with --sandbox danger-full-access, or the scope "
                                                 "admin"_s);
    return {};
}

Judged<void> AccessControl::approvalChange(const Token &caller, const ApprovalOptions &newer,
                                           const ApprovalOptions &older) const
{
    const bool isLooser = (newer.policy != u"never"_s && older.policy == u"never"_s) ||
                          (newer.otherwise == u"allow"_s && older.otherwise != u"allow"_s) ||
                          newer.waitSeconds > older.waitSeconds;
    if (isLooser && !caller.allows(Scope::Approve))
        return forbidden(u"/approval"_s, u"a looser approval policy needs the scope approve"_s);
    return newer == older ? Judged<void>() : approval(caller, newer);
}

Problem AccessControl::noFolder()
{
    return {.code = ProblemCode::ValidationFailed,
            .detail = u"a bundle brought the session, and it has no folder here: name the one to work in as cwd"_s,
            .errors = {{u"/cwd"_s, u"is missing"_s}}};
}

Judged<Settings> AccessControl::work(const Token &caller, SessionOptions &options, Of of) const
{
    const auto place = folder(caller, options.cwd);
    if (!place)
        return std::unexpected(place.error());
    options.cwd = *place;
    if (of == Of::OldSession && options.isolation.isEmpty())
        options.isolation = isolationName(Isolation::None); // nothing is isolated afterwards
    SessionOptions unsaid = options;
    unsaid.isolation.clear();
    const auto usual = m_opener.settings(unsaid);
    if (!usual)
        return usual;
    const SandboxPolicy kept = bounded(usual->sandbox, caller.most());
    if (options.sandbox.isEmpty())
        options.sandbox = sandboxModeName(kept.mode);
    if (!options.network)
        options.network = kept.networkAccess;
    const auto settings = m_opener.settings(options);
    if (!settings)
        return settings;
    for (const Judged<void> &verdict :
         {model(caller, options.model), sandbox(caller, settings->sandbox),
          isolation(caller, settings->isolation, usual->isolation), approval(caller, options.approval)}) {
        if (!verdict)
            return std::unexpected(verdict.error());
    }
    return settings;
}

std::optional<Withdrawn> AccessControl::refusedStart(const QString &tokenId, const SessionOptions &session) const
{
    const auto token = current(tokenId);
    if (!token)
        return Withdrawn{u"token_revoked"_s,
                         u"the token %1 was taken away or has expired before the turn began"_s.arg(tokenId)};
    const QString narrowed = u"what the token %1 allows was changed before the turn began: "_s.arg(token->label);
    if (!token->allows(Scope::Run))
        return Withdrawn{u"token_narrowed"_s, narrowed + u"it lacks the scope run"_s};
    SessionOptions options = session;
    if (options.isolation.isEmpty())
        options.isolation = isolationName(Isolation::None);
    if (!m_opener.settings(options)) // fills in the blanks: what the turn would run with is judged, and not cut down
        return {};                   // the turn cannot run, and tells why
    if (const auto judged = work(*token, options, Of::OldSession); !judged && isRefusal(judged.error()))
        return Withdrawn{u"token_narrowed"_s, narrowed + judged.error().detail};
    return {};
}

} // namespace nightshift::api
