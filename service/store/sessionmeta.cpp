#include "sessionmeta.h"
#include "base/ids.h"
#include <QStringList>

namespace nightshift::store {

static std::optional<QString> unlessEmpty(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

static RawJson gitObject(const std::optional<GitState> &git)
{
    if (!git)
        return json::object(std::initializer_list<json::Member>());
    return json::object({{"commit_hash", unlessEmpty(git->commitHash)},
                         {"branch", unlessEmpty(git->branch)},
                         {"repository_url", unlessEmpty(git->repositoryUrl)}});
}

RawJson toPayload(const SessionMeta &meta)
{
    return json::object({{"id", meta.id},
                         {"session_id", meta.id},
                         {"forked_from_id", meta.forkedFrom},
                         {"timestamp", meta.timestamp},
                         {"cwd", meta.cwd},
                         {"runtime_workspace_roots", json::array(QStringList{meta.cwd})},
                         {"originator", meta.originator},
                         {"cli_version", NIGHTSHIFT_VERSION},
                         {"source", "exec"},
                         {"thread_source", meta.threadSource},
                         {"model_provider", meta.provider},
                         {"base_instructions", json::object({{"text", meta.baseInstructions}})},
                         {"history_mode", "paginated"},
                         {"context_window", json::object({{"window_id", newId()}})},
                         {"git", gitObject(meta.git)},
                         {"nightshift", json::object({{"format", meta.format}})}});
}

SessionMeta metaFromPayload(JsonView payload)
{
    SessionMeta meta{.id = payload["id"].toString(payload["session_id"].toString()),
                     .timestamp = payload["timestamp"].toString(),
                     .cwd = payload["cwd"].toString(),
                     .originator = payload["originator"].toString(),
                     .threadSource = payload["thread_source"].toString(),
                     .provider = payload["model_provider"].toString(),
                     // Older files hold the text in `instructions`.
                     .baseInstructions =
                         payload["base_instructions"]["text"].toString(payload["instructions"].toString()),
                     .format = int(payload["nightshift"]["format"].toInteger())};
    if (const JsonView git = payload["git"]; git.size() > 0)
        meta.git = GitState{git["commit_hash"].toString(), git["branch"].toString(), git["repository_url"].toString()};
    if (const JsonView parent = payload["forked_from_id"]; parent.isString())
        meta.forkedFrom = parent.toString();
    if (const JsonView base = payload["history_base"]; base.isObject())
        meta.base = HistoryBase{base["thread_id"].toString(), base["end_byte_offset"].toInteger()};
    return meta;
}

} // namespace nightshift::store
