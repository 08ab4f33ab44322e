#pragma once
#include "base/jsonreader.h"
#include <optional>

namespace nightshift::store {

/// The version of our own log lines; a log of a newer one is read but never appended to.
constexpr int logFormat = 1;

struct GitState
{
    QString commitHash;
    QString branch;
    QString repositoryUrl;
    bool operator==(const GitState &) const = default;
};

/// The parent's part of a session that the reference forked: its fork only points there.
struct HistoryBase
{
    QString sessionId;
    qint64 endByte = 0; ///< Exclusive.
    bool operator==(const HistoryBase &) const = default;
};

/// What the first line of a log says of its session.
struct SessionMeta
{
    QString id;
    QString timestamp; ///< UTC, RFC 3339 with milliseconds; empty means now.
    QString cwd;
    QString originator;
    QString threadSource;
    QString provider;
    QString baseInstructions;
    std::optional<GitState> git;
    std::optional<QString> forkedFrom; ///< A session id.
    std::optional<HistoryBase> base;   ///< Only the reference's forks.
    int format = logFormat;            ///< 0: not ours.
    bool operator==(const SessionMeta &) const = default;
};

/// The payload of a session_meta line.
RawJson toPayload(const SessionMeta &meta);
SessionMeta metaFromPayload(JsonView payload);

} // namespace nightshift::store
