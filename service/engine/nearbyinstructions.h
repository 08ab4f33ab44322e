#pragma once
#include "domain/conversation.h"
#include "domain/event.h"
#include "domain/settings.h"
#include <set>

namespace nightshift::engine {

/// The AGENTS.md files of folders that no briefing speaks of: those below the working folder, or beside it in the
/// project. The model is told of one when it first touches its folder, with a command or a patch.
class NearbyInstructions
{
public:
    explicit NearbyInstructions(const Settings &settings)
        : m_settings(settings)
    {}

    /// Looks at where the event takes place.
    void note(const Event &event);
    /// What the model is to be told before it is asked next, outer folders first; not what the history holds.
    std::vector<HistoryItem> take(const History &history);

private:
    void touchWords(const QString &script, const QString &cwd);
    void touch(const QString &path);
    QStringList unseenFoldersTo(const QString &folder) const;

    const Settings &m_settings;
    std::set<QString> m_seen;
    QStringList m_folders; ///< That have instructions to tell.
};

} // namespace nightshift::engine
