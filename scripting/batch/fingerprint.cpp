#include "fingerprint.h"
#include "base/boundedfile.h"
#include "batch/canonicaljson.h"
#include <QCryptographicHash>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

using Sha256 = QCryptographicHash;

QByteArray sha256(const QByteArray &bytes)
{
    return Sha256::hash(bytes, Sha256::Sha256).toHex();
}

QByteArray shortHash(const RawJson &value)
{
    return sha256(value.text).first(12); // only to name what changed: the whole decides
}

RawJson list(const std::vector<FileMark> &files)
{
    std::vector<RawJson> marks;
    for (const FileMark &file : files)
        marks.push_back(json::object({{"name", file.name}, {"sha256", file.hash}}));
    return json::array(marks);
}

} // namespace

Fingerprint fingerprintOf(const Work &work)
{
    std::vector<std::pair<QString, RawJson>> whole;
    Fingerprint made;
    const auto add = [&](const QString &name, const RawJson &value) {
        whole.emplace_back(name, value);
        made.parts.emplace_back(name, shortHash(value));
    };
    const auto addText = [&](const QString &name, const QString &text) {
        if (!text.isEmpty())
            add(name, json::string(text));
    };
    const auto addFiles = [&](const QString &name, const std::vector<FileMark> &files) {
        if (!files.empty())
            whole.emplace_back(name + u's', list(files));
        for (const FileMark &file : files)
            made.parts.emplace_back(name + u' ' + file.name, file.hash.first(qMin<qsizetype>(12, file.hash.size())));
    };
    addText(u"prompt"_s, work.prompt);
    addText(u"instructions"_s, work.instructions);
    if (work.schema)
        add(u"schema"_s, canonical(*work.schema));
    addText(u"model"_s, work.model);
    addText(u"provider"_s, work.provider);
    addText(u"effort"_s, work.effort);
    addText(u"sandbox"_s, work.sandbox);
    add(u"tools"_s, json::number(qint64(work.toolSet)));
    addFiles(u"input"_s, work.inputs);
    addFiles(u"attachment"_s, work.attachments);
    addText(u"salt"_s, work.salt);
    addText(u"base commit"_s, work.baseCommit);
    made.hex = sha256(canonical(json::object(whole)).text);
    return made;
}

QString whyChanged(const Fingerprint::Parts &before, const Fingerprint::Parts &after)
{
    QStringList reasons;
    const auto find = [](const Fingerprint::Parts &parts, const QString &name) {
        return std::ranges::find(parts, name, &Fingerprint::Parts::value_type::first);
    };
    for (const auto &[name, hash] : after) {
        const auto old = find(before, name);
        if (old == before.end() || old->second != hash)
            reasons += name + (old == before.end() ? " added"_L1 : " changed"_L1);
    }
    for (const auto &[name, hash] : before) {
        if (find(after, name) == after.end())
            reasons += name + " removed"_L1;
    }
    return reasons.join(", "_L1);
}

QString Keys::keyFor(const QString &given, const Fingerprint &fingerprint)
{
    const QString name = given.isEmpty() ? QString::fromLatin1(fingerprint.hex.first(16)) : given;
    const int ordinal = ++m_count[name];
    if (given.isEmpty())
        return name + u'-' + QString::number(ordinal);
    return ordinal == 1 ? name : name + u'#' + QString::number(ordinal);
}

FileMark FileHashes::mark(const QString &folder, const QString &name)
{
    const QString path = QDir::cleanPath(QDir(folder).absoluteFilePath(name));
    const QFileInfo info(path);
    // Where the folder lies must not matter, so that a batch can move.
    FileMark mark{QDir::isAbsolutePath(name) ? QDir(folder).relativeFilePath(path) : QDir::cleanPath(name), {}};
    if (!info.isFile())
        return mark;
    const qint64 modified = info.lastModified().toMSecsSinceEpoch();
    Known &known = m_known[path];
    if (known.hash.isEmpty() || known.size != info.size() || known.modified != modified) {
        const auto opened = openBounded(path, fileuse::hashedFile);
        QFile file;
        Sha256 hash(Sha256::Sha256);
        if (!opened || !file.open(opened->get(), QIODevice::ReadOnly) || !hash.addData(&file))
            return mark;
        known = {info.size(), modified, hash.result().toHex()};
    }
    mark.hash = known.hash;
    return mark;
}

} // namespace nightshift::batch
