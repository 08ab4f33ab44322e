#pragma once
#include "api/fieldreader.h"
#include "domain/settings.h"

namespace nightshift::api {

/// Bounds of a session, all its turns together, but for the times, which count for each turn. Absent: unbounded.
struct SessionLimits
{
    std::optional<qint64> turns;
    std::optional<qint64> requests;
    std::optional<qint64> tokens;
    std::optional<double> costUsd;
    std::optional<qint64> wallSeconds;
    std::optional<qint64> idleSeconds;
    std::optional<qint64> commandSeconds;
    bool operator==(const SessionLimits &) const = default;
};

/// What becomes of the model's wish to leave the sandbox.
struct ApprovalOptions
{
    QString policy = QStringLiteral("never"); ///< never | on-request
    qint64 waitSeconds = 0;                   ///< For somebody to answer.
    QString otherwise = QStringLiteral("deny");
    bool operator==(const ApprovalOptions &) const = default;
};

using Labels = std::vector<std::pair<QString, QString>>;

/// What a session was asked to be; its log holds this in its `session.created` line. What is absent is left to the
/// service's settings, and filled in from them.
struct SessionOptions
{
    QString title;
    Labels labels;
    QString externalId;
    QString cwd;
    QString model;
    QString provider;
    QString sandbox;
    std::optional<bool> network; ///< Whether commands reach the network, where there is a sandbox.
    QString isolation;
    ApprovalOptions approval;
    /// What becomes of a turn whose server was lost: resume | interrupt. Empty: one that waits for an approval goes on,
    /// others are interrupted.
    QString onRestart;
    SessionLimits limits;
    QString costSource; ///< See config::LoadedSettings; not to be asked for.
    bool operator==(const SessionOptions &) const = default;
};

/// What `input` holds, files still to be read.
struct InputPart
{
    enum class Kind { Text, Image, File };
    Kind kind = Kind::Text;
    QString text; ///< Or the path, relative to the session's folder.
    bool operator==(const InputPart &) const = default;
};

/// One piece of work that a session was given.
struct TurnOptions
{
    QString cwd;                 ///< The folder to work in from now on; empty: where the session works.
    QString sandbox;             ///< The sandbox from now on; empty: the session's.
    std::optional<bool> network; ///< The same for the network.
    QString tokenId;             ///< Whose it is; not to be asked for. Empty: an older version recorded it.
    std::vector<InputPart> input;
    QString whenBusy = QStringLiteral("queue"); ///< queue | steer | replace | reject
    bool goesOn = false;                        ///< `continue`: from where an interrupted turn stands.
    std::optional<RawJson> schema;
    SessionLimits limits;
    Labels labels;
    QByteArray traceParent; ///< See engine::TurnRequest.
    bool operator==(const TurnOptions &) const = default;

    /// It asks for nothing.
    bool isEmpty() const { return input.empty() && !goesOn; }
};

/// Reads members of `fields`, not all of which need be these.
SessionOptions readSessionOptions(FieldReader &fields);
/// `cwd`, `sandbox` and `network_access`: where work is done from now on.
void readPlace(FieldReader &fields, TurnOptions &turn);
/// But for the limits and the place, which in the same body may be a session's.
TurnOptions readTurnOptions(FieldReader &fields);
SessionLimits readLimits(FieldReader fields);
/// Those that one turn can have of its own.
SessionLimits readTurnLimits(FieldReader fields);
/// What `fields` do not say stays as it was.
ApprovalOptions readApproval(FieldReader fields, ApprovalOptions approval = {});

RawJson toJson(const SessionLimits &limits);
RawJson toJson(const ApprovalOptions &approval);
RawJson toJson(const Labels &labels);
RawJson toJson(const std::vector<InputPart> &input);

/// `newer` over `older`: what it has.
SessionLimits merged(SessionLimits older, const SessionLimits &newer);

} // namespace nightshift::api
