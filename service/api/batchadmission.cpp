#include "batchadmission.h"
#include "api/problemof.h"
#include "schema/outputschema.h"
#include <QDir>
#include <QFileInfo>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::api {

using batch::BatchSpec;
using http::Judged, http::Problem, http::ProblemCode;

namespace {

/// A path that a client names must not lead out of its folder, through a link neither.
bool leavesFolder(const QString &name, const QString &folder)
{
    const QString clean = QDir::cleanPath(name), real = QFileInfo(folder + u'/' + clean).canonicalFilePath();
    return QDir::isAbsolutePath(name) || clean.startsWith("../"_L1) || clean == ".."_L1 ||
           (!real.isEmpty() && real != folder && !real.startsWith(folder == "/"_L1 ? folder : folder + u'/'));
}

Judged<void> checkPaths(const BatchSpec &spec)
{
    for (const auto &[names, member] : {std::pair{&spec.session.attachments, u"/session/attachments"_s},
                                        std::pair{&spec.session.outputs, u"/session/outputs"_s}}) {
        if (std::ranges::any_of(*names, [&](const QString &name) { return leavesFolder(name, spec.session.cwd); }))
            return std::unexpected(refused(member, u"must be relative and stay in cwd"_s));
    }
    return {};
}

/// Whoever comes later must find the items by the same names.
Judged<void> nameItems(BatchSpec &spec)
{
    const auto options = batch::itemsOf(spec);
    if (!options) {
        const QString &message = options.error().message;
        return std::unexpected(refused(message.section(": "_L1, 0, 0), message.section(": "_L1, 1)));
    }
    const int digits = int(QString::number(spec.items.size()).size());
    for (size_t i = 0; i < spec.items.size(); ++i) {
        const QString &key = (*options)[i].key;
        spec.items[i].key = key.isEmpty() ? u"item-"_s + QString::number(i + 1).rightJustified(digits, u'0') : key;
        for (const QString &name : (*options)[i].inputs) {
            if (leavesFolder(name, spec.session.cwd))
                return std::unexpected(refused(u"/session/inputs"_s, u"must be relative and stay in cwd"_s));
        }
    }
    return {};
}

/// The work of each item, as that of a session.
Judged<void> admitWork(BatchSpec &spec, const http::Token &caller, const AccessControl &access)
{
    batch::Options &shared = spec.session;
    SessionOptions options{.cwd = shared.cwd.isEmpty() ? access.opener().startFolder() : shared.cwd,
                           .model = shared.model,
                           .provider = shared.provider,
                           .sandbox = shared.sandbox,
                           .isolation = shared.isolation ? QString(isolationName(*shared.isolation)) : QString()};
    options.approval.policy = shared.approval.isEmpty() ? options.approval.policy : shared.approval;
    const auto settings = access.work(caller, options, AccessControl::Of::NewSession);
    if (!settings)
        return std::unexpected(settings.error());
    if ((spec.limits.costUsd || shared.limits.costUsd) && !settings->modelInfo.prices && !spec.isScript())
        return std::unexpected(
            refused(u"/limits/cost_usd"_s, u"what the model %1 costs is not known"_s.arg(options.model)));
    shared.cwd = options.cwd;
    if (spec.isScript())
        return {}; // says the rest itself; its items are bounded where they run
    shared.model = options.model;
    shared.provider = options.provider;
    shared.sandbox = options.sandbox;
    if (settings->isolation != Isolation::Overlay)
        shared.isolation = settings->isolation;
    return {};
}

} // namespace

Judged<void> admit(BatchSpec &spec, const http::Token &caller, const AccessControl &access)
{
    if (spec.isScript() && !caller.allows(http::Scope::Admin))
        return std::unexpected(Problem{ProblemCode::ScopeMissing, u"a script is code: it needs the scope admin"_s});
    if (const auto left = access.allowance().budgetLeftUsd(caller))
        spec.limits.costUsd = std::min(spec.limits.costUsd.value_or(*left), *left);
    if (caller.concurrency)
        spec.concurrency = spec.concurrency > 0 ? std::min(spec.concurrency, *caller.concurrency) : *caller.concurrency;
    if (const auto work = admitWork(spec, caller, access); !work)
        return work;
    if (spec.session.schema) {
        if (const auto schema = schema::OutputSchema::parse(spec.session.schema->text); !schema)
            return std::unexpected(refused(u"/session/schema"_s, schema.error().message));
    }
    if (const auto inside = checkPaths(spec); !inside)
        return inside;
    return nameItems(spec);
}

std::optional<Withdrawn> withdrawn(BatchSpec &spec, const QString &tokenId, const AccessControl &access)
{
    const auto token = access.current(tokenId);
    if (!token)
        return Withdrawn{u"token_revoked"_s, u"the token %1 was taken away or has expired"_s.arg(tokenId)};
    const QString narrowed = u"what the token %1 allows was changed: "_s.arg(token->label);
    if (!token->allows(http::Scope::Run))
        return Withdrawn{u"token_narrowed"_s, narrowed + u"it lacks the scope run"_s};
    if (spec.isScript() && !token->allows(http::Scope::Admin))
        return Withdrawn{u"token_narrowed"_s, narrowed + u"it lacks the scope admin"_s};
    const auto work = admitWork(spec, *token, access);
    if (work || !isRefusal(work.error()))
        return {};
    return Withdrawn{u"token_narrowed"_s, narrowed + work.error().detail};
}

} // namespace nightshift::api
