#include "bundlemanifest.h"
#include "base/ids.h"
#include <QCryptographicHash>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::store {

constexpr QLatin1StringView schemaName = "nightshift.bundle/1"_L1;

const UnpackedFile *BundleManifest::file(const QString &name) const
{
    const auto found = std::ranges::find(files, name, &UnpackedFile::name);
    return found == files.end() ? nullptr : &*found;
}

static RawJson redactionsArray(const Redactions &redactions)
{
    std::vector<RawJson> kinds;
    for (const Redactions::Kind &kind : redactions.kinds)
        kinds.push_back(json::object({{"kind", kind.kind}, {"count", kind.count}}));
    return json::array(kinds);
}

RawJson toJson(const BundleManifest &manifest)
{
    std::vector<RawJson> files;
    for (const UnpackedFile &file : manifest.files)
        files.push_back(json::object({{"path", file.name}, {"size", file.size}, {"sha256", file.sha256}}));
    return json::object({{"schema", QString(schemaName)},
                         {"tool", json::object({{"name", "nightshift"}, {"version", manifest.toolVersion}})},
                         {"session_id", manifest.sessionId},
                         {"created", manifest.created},
                         {"updated", manifest.updated},
                         {"log", manifest.log},
                         {"cwd", manifest.cwd},
                         {"base_commit", json::orNull(manifest.baseCommit)},
                         {"parent", json::orNull(manifest.parent)},
                         {"redactions", manifest.redactions ? redactionsArray(*manifest.redactions) : json::null()},
                         {"files", json::array(files)}});
}

static std::optional<QString> textOrNull(JsonView value)
{
    return value.isString() ? std::optional(value.toString()) : std::nullopt;
}

/// rollout-YYYY-MM-DDTHH-MM-SS-ID.jsonl, which becomes the name of a file here.
static bool isLogName(const QString &name, const QString &id)
{
    constexpr QLatin1StringView form = "rollout-0000-00-00T00-00-00-"_L1;
    if (name.size() != form.size() + 36 + 6 || name.sliced(form.size()).toLower() != id + u".jsonl"_s)
        return false;
    return std::ranges::equal(QStringView(name).first(form.size()), form, [](QChar c, QChar expected) {
        return expected == u'0' ? c >= u'0' && c <= u'9' : c == expected;
    });
}

Result<BundleManifest> readManifest(QByteArrayView text)
{
    const auto document = JsonDocument::parse(text);
    const JsonView root = document ? document->root() : JsonView();
    if (root["schema"].utf8() != QByteArrayView(schemaName.data(), schemaName.size()))
        return fail(Error::Kind::Invalid, u"manifest.json: expected the schema %1"_s.arg(schemaName));
    BundleManifest manifest{.toolVersion = root["tool"]["version"].toString(),
                            .sessionId = root["session_id"].toString().toLower(),
                            .created = root["created"].toString(),
                            .log = root["log"].toString(),
                            .cwd = root["cwd"].toString(),
                            .updated = root["updated"].toInteger(),
                            .baseCommit = textOrNull(root["base_commit"]),
                            .parent = textOrNull(root["parent"])};
    if (root["redactions"].isArray()) {
        manifest.redactions.emplace();
        for (const JsonView kind : root["redactions"].items())
            manifest.redactions->kinds.push_back({kind["kind"].toString(), kind["count"].toInteger()});
    }
    for (const JsonView file : root["files"].items())
        manifest.files.push_back(
            {file["path"].toString(), file["size"].toInteger(-1), file["sha256"].utf8().toByteArray()});
    if (!isUuid(manifest.sessionId))
        return fail(Error::Kind::Invalid, u"manifest.json: session_id: expected the id of a session"_s);
    if (!isLogName(manifest.log, manifest.sessionId))
        return fail(Error::Kind::Invalid, u"manifest.json: log: expected the name of that session's log"_s);
    return manifest;
}

Bundle sealed(BundleManifest manifest, std::vector<BundleFile> files)
{
    for (const BundleFile &file : files)
        manifest.files.push_back({file.name, file.content.size(),
                                  QCryptographicHash::hash(file.content, QCryptographicHash::Sha256).toHex()});
    files.insert(files.begin(), bundleFile(QLatin1StringView(manifestName), toJson(manifest).text + '\n'));
    return {std::move(files), manifest.updated};
}

} // namespace nightshift::store
