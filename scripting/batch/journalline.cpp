#include "journalline.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

RawJson objectOf(const Fingerprint::Parts &parts)
{
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, hash] : parts)
        members.emplace_back(name, json::string(QByteArrayView(hash)));
    return json::object(members);
}

Fingerprint::Parts partsFromJson(JsonView object)
{
    Fingerprint::Parts parts;
    for (const auto &[name, hash] : object.members())
        parts.emplace_back(name, hash.utf8().toByteArray());
    return parts;
}

} // namespace

RawJson toJson(const JournalLine &line, qint64 time, const QString &host)
{
    return std::visit(Overloaded{
                          [&](const JournalOpen &open) {
                              return json::object({{"type", "open"},
                                                   {"time", time},
                                                   {"host", host},
                                                   {"version", open.version},
                                                   {"batch", open.batch},
                                                   {"name", open.name},
                                                   {"base_commit", open.baseCommit},
                                                   {"items", open.items},
                                                   {"seed", open.seed}});
                          },
                          [&](const JournalStart &start) {
                              return json::object({{"type", "start"},
                                                   {"time", time},
                                                   {"host", host},
                                                   {"key", start.key},
                                                   {"index", start.index},
                                                   {"fingerprint", start.fingerprint},
                                                   {"parts", objectOf(start.parts)},
                                                   {"session", start.session},
                                                   {"attempt", start.attempt}});
                          },
                          [&](const JournalDone &done) {
                              return json::object({{"type", "done"},
                                                   {"time", time},
                                                   {"host", host},
                                                   {"fingerprint", done.fingerprint},
                                                   {"parts", objectOf(done.parts)},
                                                   {"check", done.check},
                                                   {"result", toJson(done.result, WithDiff::No)}});
                          },
                          [&](const JournalClose &close) {
                              return json::object(
                                  {{"type", "close"}, {"time", time}, {"host", host}, {"reason", close.reason}});
                          },
                      },
                      line);
}

std::optional<TimedLine> lineFromJson(QByteArrayView text)
{
    const auto document = JsonDocument::parse(text);
    if (!document)
        return {};
    const JsonView root = document->root();
    const QByteArrayView type = root["type"].utf8();
    const qint64 time = root["time"].toInteger();
    if (type == "open")
        return TimedLine{JournalOpen{.version = int(root["version"].toInteger()),
                                     .batch = root["batch"].toString(),
                                     .name = root["name"].toString(),
                                     .baseCommit = root["base_commit"].toString(),
                                     .items = root["items"].toInteger(),
                                     .seed = root["seed"].toInteger()},
                         time};
    if (type == "start")
        return TimedLine{JournalStart{.key = root["key"].toString(),
                                      .index = root["index"].toInteger(),
                                      .fingerprint = root["fingerprint"].utf8().toByteArray(),
                                      .parts = partsFromJson(root["parts"]),
                                      .session = root["session"].toString(),
                                      .attempt = int(root["attempt"].toInteger())},
                         time};
    if (type == "done")
        return TimedLine{JournalDone{.result = resultFromJson(root["result"]),
                                     .fingerprint = root["fingerprint"].utf8().toByteArray(),
                                     .parts = partsFromJson(root["parts"]),
                                     .check = root["check"].toString()},
                         time};
    if (type == "close")
        return TimedLine{JournalClose{root["reason"].toString()}, time};
    return {};
}

} // namespace nightshift::batch
