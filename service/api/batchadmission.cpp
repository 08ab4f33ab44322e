#include "batchadmission.h"
#include "api/problemof.h"
#include "schema/outputschema.h"
#include <QDir>

using namespace Qt::StringLiterals;

namespace nightshift::api {

using batch::BatchSpec;
using http::Judged, http::Problem, http::ProblemCode;

namespace {

/// A path that a client names must not lead out of its folder.
bool leavesFolder(const QString &name)
{
    return QDir::isAbsolutePath(name) || QDir::cleanPath(name).startsWith("../"_L1) || QDir::cleanPath(name) == ".."_L1;
}

Judged<void> checkPaths(const BatchSpec &spec)
{
    for (const QString &name : spec.session.attachments) {
        if (leavesFolder(name))
            return std::unexpected(refused(u"/session/attachments"_s, u"must be relative and stay in cwd"_s));
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
            if (leavesFolder(name))
                return std::unexpected(refused(u"/session/inputs"_s, u"must be relative and stay in cwd"_s));
        }
    }
    return {};
}

} // namespace

Judged<void> admit(BatchSpec &spec, const http::Token &caller, const SessionOpener &opener,
                   const http::Allowance &allowance)
{
    if (spec.isScript() && !caller.allows(http::Scope::Admin))
        return std::unexpected(Problem{ProblemCode::ScopeMissing, u"a script is code: it needs the scope admin"_s});
    const QString &asked = spec.session.cwd;
    const auto folder = allowance.folder(caller, asked.isEmpty() ? opener.startFolder() : asked);
    if (!folder)
        return std::unexpected(folder.error());
    spec.session.cwd = *folder;
    SessionOptions options{.cwd = *folder,
                           .model = spec.session.model,
                           .provider = spec.session.provider,
                           .sandbox = spec.session.sandbox};
    const auto settings = opener.settings(options);
    if (!settings)
        return std::unexpected(settings.error());
    if (const auto allowed = allowance.model(caller, options.model); !allowed)
        return allowed;
    if (const auto left = allowance.budgetLeftUsd(caller))
        spec.limits.costUsd = std::min(spec.limits.costUsd.value_or(*left), *left);
    if (caller.concurrency)
        spec.concurrency = spec.concurrency > 0 ? std::min(spec.concurrency, *caller.concurrency) : *caller.concurrency;
    if ((spec.limits.costUsd || spec.session.limits.costUsd) && !settings->modelInfo.prices && !spec.isScript())
        return std::unexpected(
            refused(u"/limits/cost_usd"_s, u"what the model %1 costs is not known"_s.arg(options.model)));
    if (spec.session.schema) {
        if (const auto schema = schema::OutputSchema::parse(spec.session.schema->text); !schema)
            return std::unexpected(refused(u"/session/schema"_s, schema.error().message));
    }
    if (const auto inside = checkPaths(spec); !inside)
        return inside;
    return nameItems(spec);
}

} // namespace nightshift::api
