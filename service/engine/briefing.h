#pragma once
#include "config/skills.h"

namespace nightshift::engine {

/// What a session tells its model before the first prompt.
struct Briefing
{
    QString base; ///< The base instructions: the conversation's first item, kept in the log's first line.
    std::vector<HistoryItem> context;  ///< Developer and user context; repeated later only when it changed.
    QStringList notices;               ///< An AGENTS.md that was cut.
    std::vector<config::Skill> skills; ///< Whose files join a prompt that names them.
};

/// Of the local time, as the model is told it: 2026-11-21.
QString today();

/// `shell` is the path of the shell that commands run in.
Briefing brief(const Settings &settings, const QString &shell);

} // namespace nightshift::engine
