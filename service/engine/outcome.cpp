#include "outcome.h"
#include "base/jsonreader.h"
#include "engine/replay.h"
#include "tools/gitpatch.h"
#include "wire/eventmessage.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

QString nameBelow(const QString &root, const QString &path)
{
    if (!root.isEmpty() && path.startsWith(root + u'/'))
        return path.sliced(root.size() + 1);
    return path.startsWith(u'/') ? path.sliced(1) : path;
}

QByteArray updateDiff(const FileChange &change, const QString &root)
{
    const QString from = nameBelow(root, change.path), to = nameBelow(root, change.movedTo.value_or(change.path));
    QString text = u"diff --git a/%1 b/%2\n"_s.arg(from, to);
    if (change.movedTo)
        text += u"rename from %1\nrename to %2\n"_s.arg(from, to);
    if (!change.unifiedDiff.isEmpty())
        text += u"--- a/%1\n+++ b/%2\n"_s.arg(from, to) + change.unifiedDiff;
    return text.endsWith(u'\n') ? text.toUtf8() : text.toUtf8() + '\n';
}

class Gathering
{
public:
    void take(const Event &event)
    {
        if (const auto *started = std::get_if<SessionStarted>(&event)) {
            outcome.sessionId = started->sessionId;
            outcome.cwd = started->cwd;
            outcome.model = started->model;
            outcome.provider = started->provider;
        } else if (const auto *usage = std::get_if<UsageReported>(&event)) {
            outcome.usage = usage->total;
        } else if (const auto *turn = std::get_if<TurnStarted>(&event)) {
            outcome.turns.push_back({.id = turn->turnId});
        } else if (!outcome.turns.empty()) {
            takeOfTurn(event, outcome.turns.back());
        }
    }
    Outcome outcome;

private:
    void takeOfTurn(const Event &event, TurnSummary &turn)
    {
        if (const auto *message = std::get_if<MessageCompleted>(&event)) {
            turn.message = message->text;
        } else if (const auto *patch = std::get_if<PatchFinished>(&event)) {
            takePatch(*patch, turn);
        } else if (const auto *completed = std::get_if<TurnCompleted>(&event)) {
            turn.ended = true;
            outcome.usage = completed->usage;
        } else if (const auto *failed = std::get_if<TurnFailed>(&event)) {
            turn.ended = true;
            turn.failure = failed->error;
        }
    }

    void takePatch(const PatchFinished &patch, TurnSummary &turn)
    {
        if (!patch.success)
            return;
        turn.diff += patchDiff(patch.changes, outcome.cwd);
        for (const FileChange &change : patch.changes) {
            const QString path = change.movedTo.value_or(change.path);
            if (!turn.files.contains(path))
                turn.files += path;
        }
    }
};

} // namespace

Result<Outcome> readOutcome(const QString &stateDir, const QString &path, const store::Decompress &decompress)
{
    auto replay = Replay::open(stateDir, path, decompress);
    if (!replay)
        return std::unexpected(replay.error());
    Gathering gathering;
    while (const std::optional<Event> event = replay->next())
        gathering.take(*event);
    return std::move(gathering.outcome);
}

QByteArray patchDiff(const std::vector<FileChange> &changes, const QString &root)
{
    QByteArray diff;
    for (const FileChange &change : changes) {
        const QString name = nameBelow(root, change.path);
        const tools::TreeEntry content{tools::TreeEntry::file, change.content.toUtf8()};
        if (change.kind == FileChange::Kind::Update)
            diff += updateDiff(change, root);
        else if (change.kind == FileChange::Kind::Add)
            diff += tools::gitPatch({{name.toUtf8(), {}, content}});
        else
            diff += tools::gitPatch({{name.toUtf8(), content, {}}});
    }
    return diff;
}

static RawJson errorOf(const TurnSummary &turn)
{
    if (!turn.failure)
        return json::null();
    return json::object({{"code", QString(codeName(turn.failure->code))}, {"message", turn.failure->message}});
}

RawJson resultObject(const Outcome &outcome)
{
    static const TurnSummary none;
    const TurnSummary &turn = outcome.turns.empty() ? none : outcome.turns.back();
    const auto document = JsonDocument::parse(turn.message.value_or(QString()).toUtf8());
    const bool structured = document && (document->root().isObject() || document->root().isArray());
    return json::object({{"turn_id", turn.id},
                         {"status", !turn.ended    ? "running"
                                    : turn.failure ? "failed"
                                                   : "completed"},
                         {"error", errorOf(turn)},
                         {"result", json::object({{"text", json::orNull(turn.message)},
                                                  {"json", structured ? document->root().raw() : json::null()}})},
                         {"files_changed", json::array(turn.files)},
                         {"usage", wire::usageObject(outcome.usage)}});
}

QByteArray wholeDiff(const Outcome &outcome)
{
    QByteArray diff;
    for (const TurnSummary &turn : outcome.turns)
        diff += turn.diff;
    return diff;
}

QByteArray lastMessageText(const Outcome &outcome)
{
    for (auto turn = outcome.turns.rbegin(); turn != outcome.turns.rend(); ++turn) {
        if (turn->message)
            return turn->message->toUtf8() + '\n';
    }
    return {};
}

} // namespace nightshift::engine
