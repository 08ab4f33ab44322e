#include "recording.h"
#include "base/jsonreader.h"
#include "store/forkpoint.h"
#include "store/logscan.h"
#include "store/sessionfiles.h"

using namespace Qt::StringLiterals;

namespace nightshift::store {

static Result<SessionMeta> readMeta(QByteArrayView text, const QString &path)
{
    const std::optional<Record> head = wholeRecord(text.first(qMax<qsizetype>(text.indexOf('\n'), 0)));
    const auto payload = JsonDocument::parse(head ? head->payload : QByteArrayView());
    if (!payload || head->type != "session_meta")
        return fail(Error::Kind::Invalid,
                    u"%1:1: expected the session_meta line that begins a session log"_s.arg(path));
    return metaFromPayload(payload->root());
}

/// The reference's fork of a fork points to its parent, which points on.
static Result<> scanParents(LogScan &scan, HistoryBase base, const QString &stateDir, const Decompress &decompress)
{
    // Deeper than anyone forks: a log that points to itself must not keep us for ever.
    for (int depth = 0; depth < 100 && !scan.hasWholeHistory(); ++depth) {
        const std::optional<SessionFile> parent = sessionFile(stateDir, base.sessionId);
        if (!parent)
            return fail(Error::Kind::NotFound,
                        u"the session forked session %1, whose log is not in %2"_s.arg(base.sessionId, stateDir));
        const Result<std::shared_ptr<MappedFile>> file = MappedFile::open(parent->path, decompress);
        if (!file)
            return std::unexpected(file.error());
        const Result<SessionMeta> meta = readMeta((*file)->text(), parent->path);
        if (!meta)
            return std::unexpected(meta.error());
        scan.scan(*file, (*file)->text().first(qMin((*file)->text().size(), base.endByte)));
        if (!meta->base)
            break;
        base = *meta->base;
    }
    return {};
}

Result<Recording> readRecording(const QString &stateDir, const QString &path, const Decompress &decompress,
                                std::optional<qint64> lastTurn)
{
    const Result<std::shared_ptr<MappedFile>> file = MappedFile::open(path, decompress);
    if (!file)
        return std::unexpected(file.error());
    Result<SessionMeta> meta = readMeta((*file)->text(), path);
    if (!meta)
        return std::unexpected(meta.error());
    const Result<QByteArrayView> text = lastTurn ? untilTurn((*file)->text(), *lastTurn) : (*file)->text();
    if (!text)
        return failAt(path, text.error());
    Recording recording{.meta = std::move(*meta)};
    LogScan scan(recording);
    scan.scan(*file, *text);
    if (const std::optional<HistoryBase> base = recording.meta.base) {
        if (const Result<> parents = scanParents(scan, *base, stateDir, decompress); !parents)
            return failAt(path, parents.error());
    }
    scan.finish();
    if (recording.provider.isEmpty())
        recording.provider = recording.meta.provider;
    if (recording.cwd.isEmpty())
        recording.cwd = recording.meta.cwd;
    return recording;
}

} // namespace nightshift::store
