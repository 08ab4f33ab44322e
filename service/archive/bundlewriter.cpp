#include "bundlewriter.h"
#include <KTar>
#include <KZip>
#include <QDateTime>

using namespace Qt::StringLiterals;

namespace nightshift::archive {

constexpr qsizetype pieceBytes = 64 * 1024; // a few milliseconds of deflate

namespace {

/// Stands before a device that KArchive shall not close.
class Opened : public QIODevice
{
public:
    explicit Opened(QIODevice &to)
        : m_to(to)
    {
        open(QIODevice::WriteOnly | QIODevice::Unbuffered);
    }
    bool isSequential() const override { return m_to.isSequential(); }
    qint64 size() const override { return m_to.size(); }
    bool seek(qint64 at) override { return m_to.seek(at) && QIODevice::seek(at); }

protected:
    qint64 readData(char *, qint64) override { return -1; }
    qint64 writeData(const char *data, qint64 length) override { return m_to.write(data, length); }

private:
    QIODevice &m_to;
};

} // namespace

BundleWriter::BundleWriter(store::Bundle bundle, store::BundleFormat format, QIODevice &to)
    : m_bundle(std::move(bundle))
    , m_to(to)
{
    if (format == store::BundleFormat::Zip) {
        m_opened = std::make_unique<Opened>(to);
        m_archive = std::make_unique<KZip>(m_opened.get());
        return;
    }
    m_packed = std::make_unique<KCompressionDevice>(&to, false, KCompressionDevice::GZip);
    if (m_packed->open(QIODevice::WriteOnly)) {
        m_opened = std::make_unique<Opened>(*m_packed);
        m_archive = std::make_unique<KTar>(m_opened.get());
    }
}

Result<bool> BundleWriter::step()
{
    if (!m_archive || (!m_archive->isOpen() && !m_archive->open(QIODevice::WriteOnly)))
        return failed();
    if (m_file == m_bundle.files.size()) {
        if (!finish())
            return failed();
        return false;
    }
    if (!writeFile())
        return failed();
    return true;
}

bool BundleWriter::writeFile()
{
    const store::BundleFile &file = m_bundle.files[m_file];
    const QDateTime time = QDateTime::fromSecsSinceEpoch(m_bundle.modified);
    if (m_at == 0 &&
        !m_archive->prepareWriting(u"bundle/"_s + file.name, {}, {}, file.content.size(), 0100600, time, time, time))
        return false;
    const QByteArrayView piece = file.content.sliced(m_at).first(qMin(pieceBytes, file.content.size() - m_at));
    if (!piece.isEmpty() && !m_archive->writeData(piece.data(), piece.size()))
        return false;
    m_at += piece.size();
    if (m_at < file.content.size())
        return true;
    m_at = 0;
    ++m_file;
    return m_archive->finishWriting(file.content.size());
}

bool BundleWriter::finish()
{
    const bool closed = m_archive->close();
    if (!m_packed)
        return closed;
    const QByteArray end(1024, '\0'); // KTar leaves out the two empty blocks that end an archive
    const bool written = closed && m_packed->write(end) == end.size();
    m_packed->close();
    return written && m_packed->error() == QFileDevice::NoError;
}

std::unexpected<Error> BundleWriter::failed() const
{
    const QString reason = m_to.errorString();
    return fail(Error::Kind::DiskFull, u"cannot write the bundle: %1"_s.arg(reason));
}

} // namespace nightshift::archive
