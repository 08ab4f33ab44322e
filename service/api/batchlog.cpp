#include "batchlog.h"
#include "base/boundedfile.h"
#include "batch/keptbatch.h"
#include "store/folders.h"
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QSysInfo>
#include <QTimeZone>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::api {

using Status = BatchState::Status;

static QByteArray timeText(qint64 milliseconds)
{
    return QDateTime::fromMSecsSinceEpoch(milliseconds, QTimeZone::UTC).toString(Qt::ISODateWithMs).toLatin1();
}

/// Ids begin with the time they were made. Source: RFC 9562, section 5.7.
static QByteArray timeOfId(const QString &id)
{
    return timeText(QString(id).remove(u'-').first(12).toLongLong(nullptr, 16));
}

QByteArrayView statusName(Status status)
{
    static constexpr const char *names[]{"queued", "running", "paused", "done"};
    return names[int(status)];
}

BatchLog::BatchLog(const QString &id, const QString &out, const QString &path)
    : m_id(id)
    , m_out(out)
    , m_path(path)
{
    m_state.createdAt = m_state.updatedAt = timeOfId(id);
}

std::unique_ptr<BatchLog> BatchLog::open(const QString &id, const QString &out, const QString &path, RunBy runBy)
{
    std::unique_ptr<BatchLog> log(new BatchLog(id, out, path));
    log->m_runBy = runBy;
    if (auto spec = batch::keptSpec(out))
        log->setSpec(*spec);
    log->readOwn();
    log->readOn();
    return log;
}

void BatchLog::setSpec(const batch::BatchSpec &spec)
{
    m_spec = spec;
    m_hasSpec = true;
}

/// Each line is how far the journals had been read, and the event.
void BatchLog::readOwn()
{
    const auto kept = readBounded(m_path, fileuse::journal);
    if (!kept)
        return;
    const QByteArray &text = *kept;
    for (qsizetype at = 0, end; (end = text.indexOf('\n', at)) >= 0; at = end + 1) {
        const auto line = JsonDocument::parse(QByteArrayView(text).sliced(at, end - at));
        if (!line)
            continue;
        for (const auto &[name, offset] : line->root()[qsizetype(0)].members())
            m_told[name] = offset.toInteger();
        const JsonView event = line->root()[qsizetype(1)];
        const QByteArray type = event["type"].utf8().toByteArray();
        m_events.push_back({lastSeq() + 1, type, event.raw().text});
        follow(type, event);
    }
}

void BatchLog::readOn()
{
    if (std::exchange(m_reading, true))
        return; // somebody who was just told of an event looks at the batch
    const qint64 before = lastSeq();
    const bool wasLost = writer() == Writer::Gone; // before its last words are read
    const QDir folder(m_out + u"/.nightshift"_s);
    for (const QString &name : folder.entryList({u"journal-*.jsonl"_s}, QDir::Files, QDir::Name))
        readJournal(name);
    if (wasLost && writer() == Writer::Gone)
        std::ignore = append(
            "batch.done", {{u"outcome"_s, json::string("interrupted")}, {u"reason"_s, json::string("process_lost")}});
    m_reading = false;
    if (lastSeq() > before)
        emit grew();
}

void BatchLog::readJournal(const QString &name)
{
    // The folder of outputs may lie where items' commands write.
    const auto journal = openBounded(m_out + u"/.nightshift/"_s + name, fileuse::journal);
    QFile file;
    qint64 &read = m_read[name];
    if (!journal || !file.open(journal->get(), QIODevice::ReadOnly) || file.size() <= read || !file.seek(read))
        return;
    const QByteArray text = file.read(fileuse::journal.mostBytes);
    for (qsizetype at = 0, end; (end = text.indexOf('\n', at)) >= 0; at = end + 1) {
        read += end + 1 - at;
        const auto line = batch::lineFromJson(QByteArrayView(text).sliced(at, end - at));
        if (!line)
            continue;
        m_known.take(line->line, line->time);
        if (std::holds_alternative<batch::JournalOpen>(line->line))
            m_open += name;
        else if (std::holds_alternative<batch::JournalClose>(line->line))
            m_open -= name;
        take(line->line, read > m_told.value(name));
    }
}

void BatchLog::take(const batch::JournalLine &line, bool isNews)
{
    using Members = std::vector<std::pair<QString, RawJson>>;
    const auto start = [&](const batch::JournalStart &started) {
        if (isNews)
            emit itemBegan(started.session);
    };
    const auto done = [&](const batch::JournalDone &ended) {
        const batch::ItemResult &result = ended.result;
        if (!isNews)
            return;
        std::ignore = append("batch.item.done", {{u"key"_s, json::string(QStringView(result.key))},
                                                 {u"index"_s, json::number(result.index)},
                                                 {u"item_session_id"_s, json::string(QStringView(result.session))},
                                                 {u"ok"_s, json::boolean(result.ok)},
                                                 {u"outcome"_s, json::string(QStringView(result.outcome))},
                                                 {u"reason"_s, json::string(QStringView(result.reason))},
                                                 {u"attempts"_s, json::number(qint64(result.attempts.size()))}});
        emit itemEnded(result.session);
    };
    const auto open = [&](const batch::JournalOpen &opened) {
        if (isNews && m_state.status != Status::Running)
            std::ignore = append("batch.started", {{u"name"_s, json::string(QStringView(opened.name))}});
    };
    const auto close = [&](const batch::JournalClose &closed) {
        if (isNews && m_runBy == RunBy::Others)
            std::ignore =
                append("batch.done",
                       Members{{u"outcome"_s,
                                json::string(QStringView(closed.reason == u"done"_s ? u"completed"_s : closed.reason))},
                               {u"reason"_s, json::string(QStringView(closed.reason))}});
    };
    std::visit(Overloaded{open, start, done, close}, line);
}

Result<> BatchLog::append(const QByteArray &type, const std::vector<std::pair<QString, RawJson>> &members)
{
    std::vector<std::pair<QString, RawJson>> all{{u"type"_s, json::string(QByteArrayView(type))}};
    all.insert(all.end(), members.begin(), members.end());
    all.emplace_back(u"seq"_s, json::number(lastSeq() + 1));
    all.emplace_back(u"time"_s, json::string(QByteArrayView(timeText(QDateTime::currentMSecsSinceEpoch()))));
    all.emplace_back(u"batch_id"_s, json::string(QStringView(m_id)));
    const RawJson event = json::onOneLine(json::object(all));
    std::vector<std::pair<QString, RawJson>> read;
    for (const auto &[name, offset] : m_read.asKeyValueRange())
        read.emplace_back(name, json::number(offset));
    const auto file = openToAppend(m_path);
    if (!file)
        return failAt(u"cannot append to "_s + m_path, file.error());
    const QByteArray line = json::array({json::object(read), event}).text + '\n';
    if (::write(file->get(), line.data(), size_t(line.size())) != line.size() ||
        (type != "batch.item.done" && ::fdatasync(file->get()) != 0))
        return store::systemError(u"append to"_s, m_path);
    m_events.push_back({lastSeq() + 1, type, event.text});
    const auto document = JsonDocument::parse(event.text);
    follow(type, document->root());
    emit recorded(m_events.back());
    if (!m_reading)
        emit grew();
    return {};
}

void BatchLog::follow(const QByteArray &type, JsonView event)
{
    const QByteArray time = event["time"].utf8().toByteArray();
    m_state.updatedAt = time;
    if (type == "batch.created") {
        m_state.createdAt = time;
        m_state.payer = event["token_id"].toString();
    } else if (type == "batch.started") {
        m_state.status = Status::Running;
        m_state.startedAt = time;
        m_state.endedAt.clear();
        m_state.outcome.clear();
        m_state.reason.clear();
        m_state.message.clear();
    } else if (type == "batch.updated") {
        m_state.payer = event["token_id"].toString(m_state.payer);
        if (event["paused"].isBool())
            m_state.status = event["paused"].toBool() ? Status::Paused : Status::Running;
        m_state.reason = event["reason"].toString();
    } else if (type == "batch.done") {
        m_state.status = Status::Done;
        m_state.endedAt = time;
        m_state.outcome = event["outcome"].utf8().toByteArray();
        m_state.reason = event["reason"].toString();
        m_state.message = event["message"].toString();
        if (event["result"].exists())
            m_state.result = event["result"].raw();
    }
}

/// Of processes of the command line, if it runs. Journals are named after the host and the process that write them.
BatchLog::Writer BatchLog::writer() const
{
    const QString host = u"journal-%1-"_s.arg(QSysInfo::machineHostName());
    const auto isAlive = [&host](const QString &name) {
        QFile commandLine(u"/proc/%1/cmdline"_s.arg(name.section(u'-', -1).section(u'.', 0, 0)));
        return name.startsWith(host) && commandLine.open(QIODevice::ReadOnly) &&
               commandLine.readAll().contains("batch");
    };
    if (m_runBy == RunBy::Service || m_state.status != Status::Running)
        return Writer::Unknown;
    if (std::ranges::any_of(m_open, isAlive))
        return Writer::Alive;
    const bool isHere = std::ranges::all_of(m_open, [&host](const QString &name) { return name.startsWith(host); });
    return isHere && !m_open.isEmpty() ? Writer::Gone : Writer::Unknown;
}

bool BatchLog::isRunElsewhere() const
{
    return writer() == Writer::Alive;
}

void BatchLog::tell(const QByteArray &type, const RawJson &progress)
{
    const RawJson event = json::object({{"type", type}, {"progress", progress}, {"batch_id", QStringView(m_id)}});
    emit fleeting({{}, type, event.text});
}

QStringList BatchLog::keys() const
{
    if (m_spec.items.empty())
        return m_known.keys();
    QStringList keys;
    for (const batch::BatchSpec::Item &item : m_spec.items)
        keys += item.key;
    return keys;
}

} // namespace nightshift::api
