#pragma once
#include "store/bundle.h"
#include <KArchive>
#include <KCompressionDevice>

namespace nightshift::archive {

/// Writes a bundle to a device piece by piece: a tar.gz to any, also a sequential one, a zip to one that can seek.
class BundleWriter : public store::BundleWriting
{
public:
    /// `to` is open for writing and outlives this.
    BundleWriter(store::Bundle bundle, store::BundleFormat format, QIODevice &to);
    Result<bool> step() override;

private:
    bool writeFile();
    bool finish();
    std::unexpected<Error> failed() const;

    store::Bundle m_bundle;
    QIODevice &m_to;
    std::unique_ptr<KCompressionDevice> m_packed; ///< Of a tar.gz.
    std::unique_ptr<QIODevice> m_opened;          ///< What the archive writes to.
    std::unique_ptr<KArchive> m_archive;
    size_t m_file = 0;
    qsizetype m_at = 0;
};

} // namespace nightshift::archive
