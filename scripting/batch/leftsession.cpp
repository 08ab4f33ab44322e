#include "leftsession.h"
#include "engine/replay.h"
#include "store/sessionfiles.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

std::optional<LeftSession> leftSession(const QString &id, const Settings &settings, const store::Decompress &decompress)
{
    const auto log = store::sessionFile(settings.home.state, id);
    if (!log)
        return {};
    LeftSession left{.id = id, .log = log->path, .settings = settings, .place = {}, .transcript = {}};
    auto place = Workplace::reenter(left.settings, id);
    auto replay = engine::Replay::open(settings.home.state, log->path, decompress);
    if (!place || !replay)
        return {};
    left.place = std::move(*place);
    Transcript &said = left.transcript;
    while (const auto event = replay->next())
        said.take(*event);
    if (!said.asked)
        return {};
    left.isDone = said.completed || (said.isWhole && said.error->code == FailureCode::ProcessLost);
    if (left.isDone) {
        said.completed = true;
        said.error.reset();
    }
    return left;
}

Result<Workplace> treeOf(Settings &settings, const QString &session, const QByteArray &diff, const QString &commit)
{
    if (auto place = Workplace::reenter(settings, session))
        return place;
    auto place = Workplace::enter(settings, commit);
    const auto restored = place ? place->restore(diff) : std::unexpected(place.error());
    return restored ? std::move(place) : std::unexpected(restored.error());
}

QString failureText(const QString &reason, const QString &message)
{
    if (reason == "check_failed"_L1)
        return u"Your work was checked, and it is not right yet:\n\n"_s + message + u"\n\nMend it."_s;
    return u"The last attempt ended early: "_s + message + u"\n\nGo on from here until the work is done."_s;
}

} // namespace nightshift::batch
