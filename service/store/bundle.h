#pragma once
#include "base/result.h"
#include <QByteArrayView>
#include <functional>
#include <memory>
#include <vector>

class QIODevice;

namespace nightshift::store {

/// One file of a bundle. `name` is relative to the archive's folder `bundle/`: "rollout.jsonl", "files/report.md".
struct BundleFile
{
    QString name;
    QByteArrayView content;
    std::shared_ptr<const void> owner; ///< Keeps the content where it is.
};

/// A file whose content is at hand.
BundleFile bundleFile(const QString &name, QByteArray content);

/// What is put into an archive, in this order; the manifest is the first file.
struct Bundle
{
    std::vector<BundleFile> files;
    qint64 modified = 0; ///< Seconds since 1970: the time that all files in it bear.
};

enum class BundleFormat { TarGz, Zip };

/// An archive while it is written.
class BundleWriting
{
public:
    virtual ~BundleWriting() = default;
    /// Writes a piece that takes a few milliseconds at most; false once all is written.
    virtual Result<bool> step() = 0;
};
/// All steps at once, where nobody waits for anything else.
Result<> finish(BundleWriting &writing);

/// What an archive may come to when it is unpacked.
struct UnpackLimits
{
    int entries = 10'000;
    qint64 bytes = qint64(4) << 30;
    int ratio = 100;                         ///< Unpacked to packed.
    qint64 harmlessBytes = qint64(64) << 20; ///< Below this no ratio hurts: a log of one long line packs very well.
};

struct UnpackedFile
{
    QString name; ///< As in BundleFile.
    qint64 size = 0;
    QByteArray sha256; ///< In hexadecimal digits.
    bool operator==(const UnpackedFile &) const = default;
};

/// Archives are read and written by a module, because the library behind it is dear to load. These are made of what
/// the module exports; it is loaded at the first call.
struct Archiver
{
    /// `to` is open for writing and outlives the writing; of a zip it must be able to seek.
    std::function<Result<std::unique_ptr<BundleWriting>>(Bundle bundle, BundleFormat format, QIODevice &to)> write;
    /// Unpacks what lies below `bundle/` into an empty folder. Invalid for what is no bundle, or a hostile one; what
    /// was unpacked before that showed is left for the caller to remove.
    std::function<Result<std::vector<UnpackedFile>>(const QString &archive, const QString &folder)> unpack;
};
Archiver archiverFromModule(const QString &modulePath);

using WriteBundleFunction = BundleWriting *(Bundle bundle, BundleFormat format, QIODevice &to);
constexpr const char *writeBundleSymbol = "nightshiftWriteBundle";
using UnpackBundleFunction = void(const QString &archive, const QString &folder,
                                  Result<std::vector<UnpackedFile>> &outcome);
constexpr const char *unpackBundleSymbol = "nightshiftUnpackBundle";

} // namespace nightshift::store
