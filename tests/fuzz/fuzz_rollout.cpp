#include "input.h"
#include "store/recording.h"
#include "store/rollout.h"
#include <QDir>
#include <QFile>
#include <QTemporaryDir>

using namespace nightshift;
using namespace Qt::StringLiterals;

/// A log as somebody left it: it is read, and goes on behind its last whole line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const QTemporaryDir state;
    static const QString path =
        state.filePath(u"sessions/rollout-2026-11-21T01-52-48-01a1fb5e-6a89-7441-9933-31c37fc54290.jsonl"_s);
    (void)QDir(state.path()).mkpath(u"sessions"_s);
    const QByteArrayView log = fuzz::bytes(data, size);
    QFile file(path);
    fuzz::mustHold(file.open(QIODevice::WriteOnly) && file.write(log.data(), log.size()) == log.size(),
                   "the log can be written");
    file.close();
    const auto before = store::readRecording(state.path(), path);
    auto rollout = store::Rollout::reopen(state.path(), path);
    if (!rollout)
        return 0;
    fuzz::mustHold(rollout->append("event_msg", json::object({{"type", "fuzzed"}})).has_value(), "a log goes on");
    const auto after = store::readRecording(state.path(), path);
    fuzz::mustHold(before.has_value() == after.has_value(), "a line more does not change whether a log is one");
    fuzz::mustHold(!before || before->history.size() == after->history.size(), "an unknown event adds no history");
    return 0;
}
