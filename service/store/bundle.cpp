#include "bundle.h"
#include "store/module.h"

namespace nightshift::store {

BundleFile bundleFile(const QString &name, QByteArray content)
{
    const auto owner = std::make_shared<const QByteArray>(std::move(content));
    return {name, *owner, owner};
}

Result<> finish(BundleWriting &writing)
{
    while (true) {
        const Result<bool> more = writing.step();
        if (!more)
            return std::unexpected(more.error());
        if (!*more)
            return {};
    }
}

Archiver archiverFromModule(const QString &modulePath)
{
    Archiver archiver;
    archiver.write = [modulePath](Bundle bundle, BundleFormat format,
                                  QIODevice &to) -> Result<std::unique_ptr<BundleWriting>> {
        const auto write = moduleFunction<WriteBundleFunction>(modulePath, writeBundleSymbol);
        if (!write)
            return std::unexpected(write.error());
        return std::unique_ptr<BundleWriting>((*write)(std::move(bundle), format, to));
    };
    archiver.unpack = [modulePath](const QString &archive, const QString &folder) {
        Result<std::vector<UnpackedFile>> outcome;
        const auto unpack = moduleFunction<UnpackBundleFunction>(modulePath, unpackBundleSymbol);
        if (!unpack)
            outcome = std::unexpected(unpack.error());
        else
            (*unpack)(archive, folder, outcome);
        return outcome;
    };
    return archiver;
}

} // namespace nightshift::store
