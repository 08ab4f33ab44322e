#pragma once
#include "base/rawjson.h"
#include <QHash>
#include <QStringList>

namespace nightshift::batch {

/// A file by the name it is called, and what it holds.
struct FileMark
{
    QString name;
    QByteArray hash; ///< Empty for a file that is not there.
    bool operator==(const FileMark &) const = default;
};

/// All that decides what an item's answer is worth: what changes here makes the answer stale. Limits, retries,
/// concurrency, labels and the places of folders do not.
struct Work
{
    QString prompt; ///< After templating.
    QString instructions;
    std::optional<RawJson> schema;
    QString model;
    QString provider;
    QString effort;
    QString sandbox;
    int toolSet = 1; ///< Raised when the tools offered to models change in kind.
    std::vector<FileMark> inputs;
    std::vector<FileMark> attachments;
    QString salt;
    QString baseCommit; ///< Of an isolated item.
    bool operator==(const Work &) const = default;
};

struct Fingerprint
{
    using Parts = std::vector<std::pair<QString, QByteArray>>; ///< "prompt", "input src/a.h": a short hash each.
    QByteArray hex;                                            ///< SHA-256 of the work as canonical JSON.
    Parts parts;
    bool operator==(const Fingerprint &) const = default;
};

Fingerprint fingerprintOf(const Work &work);

/// "prompt changed", "input src/a.h changed, model changed"; empty when nothing did.
QString whyChanged(const Fingerprint::Parts &before, const Fingerprint::Parts &after);

/// Gives every item its key: the given one, or one made of its fingerprint and how many like it came before.
class Keys
{
public:
    QString keyFor(const QString &given, const Fingerprint &fingerprint);

private:
    QHash<QString, int> m_count;
};

/// Hashes files, each once as long as it stays the same.
class FileHashes
{
public:
    /// `name` relative to `folder`, or absolute.
    FileMark mark(const QString &folder, const QString &name);

private:
    struct Known
    {
        qint64 size = 0;
        qint64 modified = 0;
        QByteArray hash;
    };
    QHash<QString, Known> m_known;
};

} // namespace nightshift::batch
