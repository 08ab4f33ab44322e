#include "tokenwatch.h"
#include <QFileInfo>

namespace nightshift::http {

constexpr auto pollInterval = std::chrono::seconds(1);
constexpr auto furthestExpiry = std::chrono::hours(24); // timers count milliseconds in 32 bits

static std::vector<FileStamp> stampsOf(const QStringList &files)
{
    std::vector<FileStamp> stamps;
    for (const QString &file : files)
        stamps.push_back(stampOf(file));
    return stamps;
}

TokenWatch::TokenWatch(TokenStore &tokens)
    : m_tokens(tokens)
    , m_stamps(stampsOf(tokens.files()))
{
    connect(&m_folders, &QFileSystemWatcher::directoryChanged, this, &TokenWatch::look);
    connect(&m_poll, &QTimer::timeout, this, &TokenWatch::look);
    m_expiry.setSingleShot(true);
    m_expiry.setTimerType(Qt::PreciseTimer);
    connect(&m_expiry, &QTimer::timeout, this, [this] {
        look();
        emit changed();
    });
    m_poll.start(pollInterval);
    look();
}

void TokenWatch::watchFolders()
{
    for (const QString &file : m_tokens.files()) {
        const QString folder = QFileInfo(file).absolutePath();
        if (!m_folders.directories().contains(folder) && QFileInfo(folder).isDir())
            m_folders.addPath(folder);
    }
}

void TokenWatch::look()
{
    watchFolders();
    const auto stamps = stampsOf(m_tokens.files());
    const bool isNews = std::exchange(m_stamps, stamps) != stamps;
    if (const auto expiry = m_tokens.nextExpiry()) {
        const std::chrono::milliseconds left{QDateTime::currentDateTimeUtc().msecsTo(*expiry)};
        m_expiry.start(std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds(0), furthestExpiry));
    } else {
        m_expiry.stop();
    }
    if (isNews)
        emit changed();
}

} // namespace nightshift::http
