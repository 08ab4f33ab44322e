#include "sessionbundle.h"
#include "engine/outcome.h"
#include "store/artifacts.h"
#include "store/bundlemanifest.h"
#include "store/linewalk.h"
#include "store/recording.h"
#include "store/rollout.h"
#include "wire/eventmessage.h"
#include <QFileInfo>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

using store::BundleFile;

/// Whole lines only: what a writer is just adding belongs to the next bundle.
BundleFile logFile(const std::shared_ptr<store::MappedFile> &log)
{
    const QByteArrayView text = log->text();
    return {QLatin1StringView(store::logName), text.first(text.lastIndexOf('\n') + 1), log};
}

Result<BundleFile> diskFile(const QString &name, const QString &path)
{
    return store::MappedFile::open(path).transform(
        [&](const std::shared_ptr<store::MappedFile> &file) { return BundleFile{name, file->text(), file}; });
}

/// Output of commands stands in base64 in the lines of `exec_command_output_delta`.
QByteArray maskedLine(QByteArrayView line, llm::SecretMask &mask)
{
    constexpr QByteArrayView member = "\"chunk\":\"";
    const QByteArray text = mask.applied(line.toByteArray());
    const qsizetype at = text.contains("\"exec_command_output_delta\"") ? text.indexOf(member) + member.size() : 0;
    const qsizetype end = at > member.size() ? text.indexOf('"', at) : -1;
    if (end < 0)
        return text;
    const QByteArray chunk = QByteArray::fromBase64(text.sliced(at, end - at));
    return text.first(at) + mask.applied(chunk).toBase64() + text.sliced(end);
}

BundleFile maskedFile(const BundleFile &file, llm::SecretMask &mask)
{
    if (!file.name.endsWith(".jsonl"_L1))
        return store::bundleFile(file.name, mask.applied(file.content.toByteArray()));
    QByteArray masked;
    masked.reserve(file.content.size());
    store::ForwardLines lines(file.content);
    while (const auto line = lines.next())
        masked += maskedLine(*line, mask) + '\n';
    return store::bundleFile(file.name, masked);
}

class Bundling
{
public:
    explicit Bundling(BundleOrder order)
        : m_order(std::move(order))
        , m_artifacts(m_order.stateDir, m_order.session.id)
    {}

    Result<store::Bundle> bundle()
    {
        return readLog().and_then([this] { return addWhatIsBeside(); }).transform([this] {
            maskAll();
            return store::sealed(std::move(m_manifest), std::move(m_files));
        });
    }

private:
    Result<> readLog();
    Result<> addWhatIsBeside();
    Result<> add(const QString &name, const QString &path);
    Result<> addDiff();
    RawJson sessionObject(const Outcome &outcome) const;
    void maskAll();

    BundleOrder m_order;
    store::Artifacts m_artifacts;
    store::SessionMeta m_meta;
    Outcome m_outcome;
    store::BundleManifest m_manifest;
    std::vector<BundleFile> m_files;
};

Result<> Bundling::readLog()
{
    const QString &path = m_order.session.path;
    auto log = store::MappedFile::open(path, m_order.decompress);
    auto recording = store::readRecording(m_order.stateDir, path, m_order.decompress);
    auto outcome = readOutcome(m_order.stateDir, path, m_order.decompress);
    if (!log || !recording || !outcome)
        return std::unexpected(!log ? log.error() : !recording ? recording.error() : outcome.error());
    m_meta = std::move(recording->meta);
    m_outcome = std::move(*outcome);
    if (m_meta.base)
        return fail(Error::Kind::Denied,
                    u"session %1 only points to the log of session %2, which it forked; `exec fork %1` makes one that "
                    "stands alone"_s.arg(m_order.session.id, m_meta.base->sessionId));
    struct stat status{};
    const bool plain = ::stat(QFile::encodeName(path), &status) == 0;
    if (!plain)
        ::stat(QFile::encodeName(store::compressedPath(path)), &status);
    m_manifest = {.toolVersion = QStringLiteral(NIGHTSHIFT_VERSION),
                  .sessionId = m_order.session.id,
                  .created = QString::fromLatin1(store::timestampNow()),
                  .log = path.section(u'/', -1),
                  .cwd = recording->cwd,
                  .updated = status.st_mtim.tv_sec,
                  .parent = m_meta.forkedFrom};
    if (m_meta.git && !m_meta.git->commitHash.isEmpty())
        m_manifest.baseCommit = m_meta.git->commitHash;
    m_files.push_back(logFile(*log));
    m_files.push_back(store::bundleFile(u"session.json"_s, sessionObject(m_outcome).text + '\n'));
    m_files.push_back(store::bundleFile(u"result.json"_s, resultObject(m_outcome).text + '\n'));
    m_files.push_back(store::bundleFile(u"last_message.md"_s, lastMessageText(m_outcome)));
    m_files.push_back(store::bundleFile(u"usage.json"_s, wire::usageObject(m_outcome.usage).text + '\n'));
    return {};
}

RawJson Bundling::sessionObject(const Outcome &outcome) const
{
    return json::object({{"id", m_order.session.id},
                         {"created_at", m_meta.timestamp},
                         {"cwd", m_manifest.cwd},
                         {"model", outcome.model},
                         {"provider", outcome.provider.isEmpty() ? m_meta.provider : outcome.provider},
                         {"forked_from", json::orNull(m_meta.forkedFrom)},
                         {"turns", qint64(outcome.turns.size())}});
}

Result<> Bundling::add(const QString &name, const QString &path)
{
    return diskFile(name, path).transform([this](const BundleFile &file) { m_files.push_back(file); });
}

Result<> Bundling::addDiff()
{
    const QString name = u"diff.patch"_s, imported = m_artifacts.path(name);
    if (!m_order.isolatedDiff.isEmpty() && QFileInfo::exists(m_order.isolatedDiff))
        return add(name, m_order.isolatedDiff);
    const QByteArray known = wholeDiff(m_outcome);
    if (known.isEmpty() && !imported.isEmpty()) // what commands changed where it was made
        return add(name, imported);
    m_files.push_back(store::bundleFile(name, known));
    return {};
}

Result<> Bundling::addWhatIsBeside()
{
    Result<> added = addDiff();
    for (const QString &name : m_order.files ? m_artifacts.declaredFiles() : QStringList())
        added = added.and_then([&] { return add(name, m_artifacts.path(name)); });
    if (!added || !m_order.cassette)
        return added;
    const QString cassette = u"cassette.jsonl"_s;
    if (m_artifacts.path(cassette).isEmpty())
        return fail(Error::Kind::NotFound,
                    u"nobody recorded what session %1 said to its model"_s.arg(m_order.session.id));
    return add(cassette, m_artifacts.path(cassette));
}

void Bundling::maskAll()
{
    if (!m_order.mask)
        return;
    for (BundleFile &file : m_files)
        file = maskedFile(file, *m_order.mask);
    m_manifest.redactions.emplace();
    for (const auto &[kind, count] : m_order.mask->counts())
        m_manifest.redactions->kinds.push_back({kind, count});
}

} // namespace

Result<store::Bundle> makeBundle(BundleOrder order)
{
    return Bundling(std::move(order)).bundle();
}

} // namespace nightshift::engine
