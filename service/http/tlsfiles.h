#pragma once
#include "base/result.h"
#include "http/filestamp.h"
#include <QSslConfiguration>

namespace nightshift::http {

/// The certificate that the service shows, and its key, from their PEM files: read again when these change, as they
/// do when certificates are renewed.
class TlsFiles
{
public:
    TlsFiles(QString certPath, QString keyPath);

    /// Reads both. An error says which file is wrong, and how; what was read before stays good then.
    Result<> load();
    /// The pair as its files are now; when they have become bad, as they were, and a warning is given once.
    const QSslConfiguration &current();

private:
    Result<QSslConfiguration> read() const;

    QString m_certPath;
    QString m_keyPath;
    FileStamp m_certStamp;
    FileStamp m_keyStamp;
    QSslConfiguration m_configuration;
};

} // namespace nightshift::http
