#pragma once
#include "batch/fingerprint.h"
#include "batch/itemresult.h"
#include <variant>

namespace nightshift::batch {

/// A process begins to work on a batch.
struct JournalOpen
{
    int version = 1;
    QString batch;      ///< The batch's id.
    QString name;       ///< For people.
    QString baseCommit; ///< That isolated items start from; the first of all journals counts.
    qint64 items = 0;   ///< In the whole input, where that is known.
    qint64 seed = 0;    ///< Of a script's random().
    bool operator==(const JournalOpen &) const = default;
};

/// An attempt has a session, and nothing was asked of the model yet.
struct JournalStart
{
    QString key;
    qint64 index = 0;
    QByteArray fingerprint;
    Fingerprint::Parts parts;
    QString session;
    int attempt = 1;
    bool operator==(const JournalStart &) const = default;
};

struct JournalDone
{
    ItemResult result; ///< Holds the key. Its diff lies beside the journals.
    QByteArray fingerprint;
    Fingerprint::Parts parts;
    QString check; ///< What decided, as a hash; empty without a check.
    bool operator==(const JournalDone &) const = default;
};

struct JournalClose
{
    QString reason; ///< done | limit | interrupted
    bool operator==(const JournalClose &) const = default;
};

using JournalLine = std::variant<JournalOpen, JournalStart, JournalDone, JournalClose>;

/// One line without its end. `time` is in milliseconds since 1970; lines of several hosts are ordered by it.
RawJson toJson(const JournalLine &line, qint64 time, const QString &host);
struct TimedLine
{
    JournalLine line;
    qint64 time = 0;
};
/// Nothing for what is no line of a journal: a torn one, or one of a newer program.
std::optional<TimedLine> lineFromJson(QByteArrayView text);

} // namespace nightshift::batch
