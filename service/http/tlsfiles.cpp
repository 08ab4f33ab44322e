#include "tlsfiles.h"
#include "base/boundedfile.h"
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>
#include <sys/socket.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::http {

static Result<QByteArray> readAll(const QString &path)
{
    auto pem = readBounded(path, fileuse::certificate);
    return pem ? pem : failAt(path, pem.error());
}

static QSslKey privateKey(const QByteArray &pem)
{
    for (const QSsl::KeyAlgorithm algorithm : {QSsl::Ec, QSsl::Rsa, QSsl::Dsa}) {
        if (QSslKey key(pem, algorithm); !key.isNull())
            return key;
    }
    return {};
}

/// Qt tells only when a handshake begins, so one is begun, with nobody.
static bool belongTogether(const QSslConfiguration &configuration)
{
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return true; // every client would say so
    QSslSocket socket;
    socket.setSslConfiguration(configuration);
    socket.setSocketDescriptor(ends[0]);
    socket.startServerEncryption();
    const bool together = socket.error() == QAbstractSocket::UnknownSocketError;
    ::close(ends[1]);
    return together;
}

TlsFiles::TlsFiles(QString certPath, QString keyPath)
    : m_certPath(std::move(certPath))
    , m_keyPath(std::move(keyPath))
{}

Result<QSslConfiguration> TlsFiles::read() const
{
    const auto certPem = readAll(m_certPath);
    if (!certPem)
        return std::unexpected(certPem.error());
    const auto keyPem = readAll(m_keyPath);
    if (!keyPem)
        return std::unexpected(keyPem.error());
    const QList<QSslCertificate> chain = QSslCertificate::fromData(*certPem, QSsl::Pem);
    if (chain.isEmpty())
        return fail(Error::Kind::Invalid, u"%1 holds no certificate in PEM form"_s.arg(m_certPath));
    const QSslKey key = privateKey(*keyPem);
    if (key.isNull())
        return fail(Error::Kind::Invalid, u"%1 holds no private key in PEM form without a passphrase"_s.arg(m_keyPath));
    QSslConfiguration configuration;
    configuration.setLocalCertificateChain(chain);
    configuration.setPrivateKey(key);
    configuration.setPeerVerifyMode(QSslSocket::VerifyNone); // clients show a token, no certificate
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    if (!belongTogether(configuration))
        return fail(Error::Kind::Invalid,
                    u"the key in %1 is not that of the certificate in %2"_s.arg(m_keyPath, m_certPath));
    return configuration;
}

Result<> TlsFiles::load()
{
    m_certStamp = stampOf(m_certPath);
    m_keyStamp = stampOf(m_keyPath);
    const auto configuration = read();
    if (!configuration)
        return std::unexpected(configuration.error());
    m_configuration = *configuration;
    return {};
}

const QSslConfiguration &TlsFiles::current()
{
    if (stampOf(m_certPath) != m_certStamp || stampOf(m_keyPath) != m_keyStamp) {
        if (const auto loaded = load(); !loaded)
            qWarning("the certificate stays as it was: %s", qPrintable(loaded.error().message));
    }
    return m_configuration;
}

} // namespace nightshift::http
