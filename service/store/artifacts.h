#pragma once
#include "base/rawjson.h"
#include "base/result.h"
#include <QStringList>

namespace nightshift::store {

/// What a session has beside its log, in the folder STATE/artifacts/ID: `files/`, the outputs that were declared,
/// `cassette.jsonl`, recorded traffic with its model, `diff.patch` of a session that was made elsewhere, and that
/// one's `manifest.json`, by which it is known as imported.
class Artifacts
{
public:
    Artifacts(const QString &stateDir, const QString &id);

    const QString &folder() const { return m_folder; }
    /// Relative to the folder: "files/report.md", in the order of their names.
    QStringList declaredFiles() const;
    /// A file's path; empty when it is not there or is no plain file.
    QString path(const QString &name) const;
    struct Origin
    {
        RawJson from;        ///< {bundle_created, tool_version, cwd}
        qint64 logBytes = 0; ///< What the bundle brought: so much of the beginning of the session's log.
    };
    /// Whence an imported session came; absent for one that was made here.
    std::optional<Origin> origin() const;
    /// What a session that is deleted leaves behind.
    void forget() const;

private:
    QString m_folder;
};

} // namespace nightshift::store
