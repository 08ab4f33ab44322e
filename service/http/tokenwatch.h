#pragma once
#include "http/tokenstore.h"
#include <QFileSystemWatcher>
#include <QTimer>

namespace nightshift::http {

/// Tells when a token may have been taken away, changed, or has expired: answers that are under way for its holder have
/// to be looked at then. Requests need no such word, because TokenStore looks at its files before each.
class TokenWatch : public QObject
{
    Q_OBJECT

public:
    /// The store outlives it.
    explicit TokenWatch(TokenStore &tokens);

signals:
    void changed();

private:
    void watchFolders();
    void look();

    TokenStore &m_tokens;
    QFileSystemWatcher m_folders; ///< Of the files, which are replaced and not written.
    QTimer m_expiry;
    QTimer m_poll; ///< Sees what the kernel does not tell: network file systems, a folder that was not there yet.
    std::vector<FileStamp> m_stamps;
};

} // namespace nightshift::http
