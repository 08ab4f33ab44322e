#include "treefile.h"
#include "base/boundedfile.h"
#include "base/jsonreader.h"
#include "store/folders.h"
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace nightshift::isolation {

Result<TreeFile> readTreeFile(const QString &path)
{
    const auto text = readBounded(path, fileuse::journal);
    if (!text)
        return failAt(u"cannot read "_s + path, text.error());
    const auto document = JsonDocument::parse(*text);
    const auto kind = document ? isolationFromName(document->root()["kind"].toString()) : std::nullopt;
    if (!kind)
        return fail(Error::Kind::Invalid, u"%1 is damaged: expected a kind of isolation"_s.arg(path));
    const JsonView root = document->root();
    TreeFile read{.kind = *kind,
                  .tree = root["tree"].toString(),
                  .cwd = root["cwd"].toString(),
                  .commit = root["commit"].utf8().toByteArray(),
                  .isApplied = root["applied"].toBool(),
                  .hasFullAccess = root["full_access"].toBool()};
    for (const auto &[name, value] : root["bases"].members())
        read.bases[QByteArray::fromPercentEncoding(name.toUtf8())] = value.utf8().toByteArray();
    for (const auto &[name, value] : root["copied"].members()) {
        const std::vector<JsonView> numbers = value.items();
        if (numbers.size() == 3)
            read.copied[QByteArray::fromPercentEncoding(name.toUtf8())] = {
                numbers[0].toInteger(), numbers[1].toInteger(), numbers[2].toInteger()};
    }
    return read;
}

Result<> writeTreeFile(const QString &path, const TreeFile &file)
{
    std::vector<std::pair<QString, RawJson>> bases, copied;
    for (const auto &[name, base] : file.bases.asKeyValueRange())
        bases.emplace_back(QString::fromLatin1(name.toPercentEncoding("/")), json::string(QByteArrayView(base)));
    for (const auto &[name, copy] : file.copied.asKeyValueRange())
        copied.emplace_back(QString::fromLatin1(name.toPercentEncoding("/")),
                            json::array({json::number(copy.changed), json::number(copy.originalTime),
                                         json::number(copy.originalSize)}));
    const RawJson text = json::object({{"kind", QString(isolationName(file.kind))},
                                       {"tree", file.tree},
                                       {"cwd", file.cwd},
                                       {"commit", file.commit},
                                       {"applied", file.isApplied},
                                       {"full_access", file.hasFullAccess},
                                       {"bases", json::object(bases)},
                                       {"copied", json::object(copied)}});
    QSaveFile out(path);
    if (!out.open(QIODevice::WriteOnly) || out.write(text.text + '\n') < 0 || !out.commit())
        return fail(Error::Kind::Internal, u"cannot write %1: %2"_s.arg(path, out.errorString()));
    return {};
}

} // namespace nightshift::isolation
