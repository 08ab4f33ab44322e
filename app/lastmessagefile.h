#pragma once
#include "base/result.h"
#include <optional>

namespace nightshift::app {

/// The file of --output-last-message. It is opened before the first request, so that a wrong path costs
/// nothing, and touched only when the run is over: a failed run leaves what was there.
class LastMessageFile
{
public:
    /// Creates the file where there is none; relative to the process's folder. A symbolic link is refused,
    /// but /dev/stdout and /dev/stderr are the streams themselves, wherever they lead.
    static Result<LastMessageFile> open(const QString &path);

    LastMessageFile(LastMessageFile &&other) noexcept;
    LastMessageFile &operator=(LastMessageFile &&other) noexcept;
    ~LastMessageFile();

    /// The run ended well: the file now holds exactly the message, or nothing when there was none.
    /// What comes back is a warning for stderr, if there is one to give.
    std::optional<QString> finish(const std::optional<QString> &message);

private:
    LastMessageFile(QString path, int fd, bool isStream);

    QString m_path;
    int m_fd = -1;
    bool m_isStream = false; ///< Nothing before us may be cut off.
};

} // namespace nightshift::app
