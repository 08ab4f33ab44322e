#include "requestsettings.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::api {

using In = RequestSetting::In;
using Needs = RequestSetting::Needs;

static constexpr int everywhere =
    In::NewSession | In::NewTurn | In::Fork | In::Change | In::NewBatch | In::Shared | In::Item;

static constexpr RequestSetting table[] = {
    {"title", In::NewSession | In::Change, Needs::Nothing},
    {"labels", In::NewSession | In::NewTurn | In::Change | In::Shared, Needs::Nothing},
    {"external_id", In::NewSession, Needs::Nothing},
    {"cwd", In::NewSession | In::NewTurn | In::Fork | In::Change | In::Shared, Needs::Root},
    {"model", In::NewSession | In::Shared, Needs::Model},
    {"provider", In::NewSession | In::Shared, Needs::Nothing}, // one of the service's settings
    {"effort", In::Shared, Needs::Nothing},
    {"sandbox", In::NewSession | In::NewTurn | In::Fork | In::Change | In::Shared, Needs::Sandbox},
    {"network_access", In::NewSession | In::NewTurn | In::Fork | In::Change, Needs::Network},
    {"isolation", In::NewSession | In::Fork | In::Shared, Needs::Isolation},
    {"approval", In::NewSession | In::Change | In::Shared, Needs::Approval},
    {"on_restart", In::NewSession, Needs::Nothing},
    {"limits", In::NewSession | In::NewTurn | In::Change | In::NewBatch | In::Shared, Needs::Nothing},
    {"input", In::NewSession | In::NewTurn, Needs::Nothing}, // its files lie in the session's folder
    {"when_busy", In::NewSession | In::NewTurn, Needs::Nothing},
    {"schema", In::NewSession | In::NewTurn | In::Shared, Needs::Nothing},
    {"continue", In::NewSession | In::NewTurn, Needs::Nothing},
    {"at_turn", In::Fork, Needs::Nothing},
    {"instructions", In::Shared, Needs::Nothing},
    {"attachments", In::Shared, Needs::Nothing}, // these three: files in the batch's folder
    {"inputs", In::Shared | In::Item, Needs::Nothing},
    {"outputs", In::Shared, Needs::Nothing},
    {"salt", In::Shared, Needs::Nothing},
    {"name", In::NewBatch, Needs::Nothing},
    {"items", In::NewBatch, Needs::Nothing},
    {"prompt", In::NewBatch | In::Item, Needs::Nothing},
    {"key", In::NewBatch | In::Item, Needs::Nothing},
    {"vars", In::Item, Needs::Nothing},
    {"session", In::NewBatch, Needs::Nothing},
    {"check", In::NewBatch | In::Item, Needs::Nothing}, // runs in the items' sandbox
    {"retries", In::NewBatch, Needs::Nothing},
    {"on_limit", In::NewBatch, Needs::Nothing},
    {"webhook", In::NewBatch, Needs::Nothing}, // one that an admin made
    {"script", In::NewBatch, Needs::Admin},
    {"args", In::NewBatch, Needs::Admin},
    {"add_dirs", everywhere, Needs::Service},
    {"config", everywhere, Needs::Service},
    {"environment", everywhere, Needs::Service},
    {"hooks", everywhere, Needs::Service},
    {"mcp_servers", everywhere, Needs::Service},
    {"model_providers", everywhere, Needs::Service},
    {"notify", everywhere, Needs::Service},
    {"permissions", everywhere, Needs::Service},
    {"profile", everywhere, Needs::Service},
    {"rules", everywhere, Needs::Service},
    {"shell_environment_policy", everywhere, Needs::Service},
    {"trust", everywhere, Needs::Service},
    {"writable_roots", everywhere, Needs::Service},
};

static const RequestSetting *find(const QString &name, In in)
{
    const auto found = std::ranges::find_if(
        table, [&](const RequestSetting &row) { return (row.in & in) && name == QLatin1StringView(row.name); });
    return found == std::end(table) ? nullptr : found;
}

QStringList settingNames(In in)
{
    QStringList names;
    for (const RequestSetting &row : table) {
        if ((row.in & in) && row.needs != Needs::Service)
            names += QLatin1StringView(row.name);
    }
    return names;
}

void refuseOthers(JsonView object, In in, const QString &pointer, std::vector<http::FieldProblem> &problems)
{
    for (const auto &[name, value] : object.members()) {
        const RequestSetting *row = find(name, in);
        if (row && row->needs != Needs::Service)
            continue;
        QString step = name; // source: RFC 6901, section 3
        step.replace(u'~', u"~0"_s).replace(u'/', u"~1"_s);
        const QString why =
            row ? u"`%1` is set in the service's own settings only, no request can set it"_s.arg(name)
                : u"`%1` is not known here; expected some of %2"_s.arg(name, settingNames(in).join(", "_L1));
        problems.push_back({pointer + u'/' + step, why});
    }
}

std::optional<QString> forAdmins(JsonView object, In in)
{
    for (const auto &[name, value] : object.members()) {
        const RequestSetting *row = find(name, in);
        if (row && row->needs == Needs::Admin && !value.isNull())
            return name;
    }
    return {};
}

} // namespace nightshift::api
