#include "base/jsonreader.h"
#include "store/artifacts.h"
#include "store/jsonspan.h"
#include "store/linewalk.h"
#include "store/mappedfile.h"
#include "store/record.h"
#include "store/sessionindex.h"
#include "store/sessionmeta.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::store {

/// Enough to tell sessions apart in a list.
constexpr qsizetype titleLength = 120;

/// The prompt is among the first lines; a log that has none there is not searched for one.
constexpr int linesBeforePrompt = 64;

/// What the user of an item or event of the log's beginning said; empty for all else.
static QString prompt(JsonView payload)
{
    const QByteArrayView type = payload["type"].utf8();
    if (type == "user_message")
        return payload["message"].toString();
    if (type == "item_completed" && payload["item"]["type"].utf8() == "UserMessage") {
        for (const JsonView part : payload["item"]["content"].items()) {
            if (part["type"].utf8() == "text")
                return part["text"].toString();
        }
    }
    return {};
}

static QString firstPrompt(QByteArrayView log)
{
    for (int i = 0; i < linesBeforePrompt && !log.isEmpty(); ++i) {
        const qsizetype end = log.indexOf('\n');
        const std::optional<Record> record = wholeRecord(log.first(qMax<qsizetype>(end, 0)));
        log = log.sliced(end < 0 ? log.size() : end + 1);
        if (!record || record->type != "event_msg")
            continue;
        const auto read = JsonDocument::parse(record->payload);
        if (const QString text = read ? prompt(read->root()) : QString(); !text.isEmpty())
            return text.simplified().first(qMin(titleLength, text.simplified().size()));
    }
    return {};
}

/// Puts in what the latest turn says.
static void takeContext(SessionRow &row, QByteArrayView log)
{
    BackwardLines lines(log);
    while (const std::optional<QByteArrayView> line = lines.next()) {
        const std::optional<Record> head = recordHead(*line);
        if (!head || head->type != "turn_context")
            continue;
        const std::optional<Record> record = wholeRecord(*line);
        const auto read = JsonDocument::parse(record ? record->payload : QByteArrayView());
        if (!read)
            continue;
        row.model = read->root()["model"].toString();
        row.cwd = read->root()["cwd"].toString(row.cwd);
        row.provider = read->root()["model_provider"].toString(row.provider);
        return;
    }
}

std::optional<SessionRow> readRow(const QString &stateDir, const SessionFile &file, const Decompress &decompress)
{
    const auto log = MappedFile::open(file.path, decompress);
    if (!log)
        return {};
    const QByteArrayView text = (*log)->text();
    const std::optional<Record> head = wholeRecord(text.first(qMax<qsizetype>(text.indexOf('\n'), 0)));
    const auto payload = JsonDocument::parse(head ? head->payload : QByteArrayView());
    if (!payload || head->type != "session_meta")
        return {};
    const SessionMeta meta = metaFromPayload(payload->root());
    SessionRow row{.id = file.id,
                   .path = file.path.mid(stateDir.size() + 1),
                   .provider = meta.provider,
                   .cwd = meta.cwd,
                   .title = firstPrompt(text)};
    takeContext(row, text);
    if (const auto origin = Artifacts(stateDir, file.id).origin()) { // where it worked elsewhere is no folder of ours
        SessionRow here;
        takeContext(here, text.sliced(std::min(origin->logBytes, qint64(text.size()))));
        row.cwd = here.cwd;
    }
    return row;
}

} // namespace nightshift::store
