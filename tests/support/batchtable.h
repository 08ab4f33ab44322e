#pragma once
#include "support/program.h"

/// A table of items and what a batch made of it.
namespace nightshift::test {

inline ScriptedServer::Answer saying(const QByteArray &text)
{
    return {.body = sse::stream({sse::created(), sse::message("m", text), sse::completed(100, 0, 10, 0)})};
}

inline QByteArray table(const QStringList &keys)
{
    QByteArray csv = "id,word\n";
    for (const QString &key : keys)
        csv += key.toUtf8() + ',' + key.toUtf8() + "-word\n";
    return csv;
}

inline const QStringList usualBatch{QStringLiteral("batch"), QStringLiteral("--input"), QStringLiteral("items.csv"),
                                    QStringLiteral("--prompt-file"), QStringLiteral("p.md")};

inline void prepare(Program &program, const QStringList &keys)
{
    program.write(QStringLiteral("items.csv"), table(keys));
    program.write(QStringLiteral("p.md"), "Say {{word}}");
    program.server.otherwise = saying("said");
    program.server.pieceSize = 1 << 20;
}

/// key: "ok"/reason, and from where it came, sorted as the file has it.
inline QStringList results(const Program &program, const QString &out = QStringLiteral("out"))
{
    QStringList lines;
    for (const QByteArray &line : program.read(out + QStringLiteral("/results.jsonl")).split('\n')) {
        const auto row = JsonDocument::parse(line);
        if (!row)
            continue;
        const JsonView root = row->root();
        lines += root["key"].toString() + u' ' +
                 (root["ok"].toBool() ? QStringLiteral("ok") : root["reason"].toString()) + u' ' +
                 root["from"].toString();
    }
    return lines;
}

inline QStringList keysIn(const QStringList &results)
{
    QStringList keys;
    for (const QString &line : results)
        keys += line.section(u' ', 0, 0);
    keys.sort();
    return keys;
}

/// k000, k001, …
inline QStringList manyKeys(qsizetype count)
{
    QStringList keys;
    for (qsizetype i = 0; i < count; ++i)
        keys += u'k' + QString::number(i).rightJustified(3, u'0');
    return keys;
}

} // namespace nightshift::test
