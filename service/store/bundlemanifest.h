#pragma once
#include "base/jsonreader.h"
#include "store/bundle.h"
#include <QString>

namespace nightshift::store {

/// What was masked before a bundle was written.
struct Redactions
{
    struct Kind
    {
        QString kind; ///< "openai_key", "configured_key" …
        qint64 count = 0;
        bool operator==(const Kind &) const = default;
    };
    std::vector<Kind> kinds;
    bool operator==(const Redactions &) const = default;
};

/// The first file of a bundle: what it holds and where that comes from. resources/schemas/bundle-manifest.json tells
/// the members.
struct BundleManifest
{
    QString toolVersion;
    QString sessionId;
    QString created;    ///< The bundle, not the session; RFC 3339.
    QString log;        ///< The name its file had: rollout-2026-11-21T01-52-48-ID.jsonl.
    QString cwd;        ///< Of the session's latest turn.
    qint64 updated = 0; ///< When the session was last written to, in seconds since 1970.
    std::optional<QString> baseCommit;
    std::optional<QString> parent;        ///< The session that this one forked.
    std::optional<Redactions> redactions; ///< Absent: nobody looked for secrets.
    std::vector<UnpackedFile> files;      ///< All but the manifest.
    bool operator==(const BundleManifest &) const = default;

    const UnpackedFile *file(const QString &name) const;
};

constexpr const char *manifestName = "manifest.json";
constexpr const char *logName = "rollout.jsonl";

RawJson toJson(const BundleManifest &manifest);
/// Invalid when it is none, is of a later schema, or names what no session has.
Result<BundleManifest> readManifest(QByteArrayView text);

/// Hashes the files and puts the manifest in front of them.
Bundle sealed(BundleManifest manifest, std::vector<BundleFile> files);

} // namespace nightshift::store
