#pragma once
#include "domain/settings.h"

namespace nightshift::config {

/// One SKILL.md: instructions that a model reads when the task asks for them.
struct Skill
{
    QString name;        ///< At most 64 characters.
    QString description; ///< On one line, at most 1024 characters and "...".
    QString root;        ///< The folder it was found through.
    QString path;        ///< Absolute, below `root`.
    QString fence;       ///< The folder that no link may lead the path out of; empty when any may.
    bool operator==(const Skill &) const = default;
};

/// Those of the project first, then the user's, each by name. Looked for in .codex/skills of the project, in
/// skills/ of the settings' home, in .agents/skills of the user's own folder and of every folder from the
/// project's root to the working folder. A file that is no skill is a warning on stderr,
/// and so is a link out of a project that is not trusted, which is not followed.
std::vector<Skill> findSkills(const Settings &settings);

/// The `<skills_instructions>` of the developer message; empty without skills. Descriptions give way where
/// they are too many.
QString skillsText(const std::vector<Skill> &skills);

/// The skills that a prompt names as `$name`, as far as only one has the name, each as the text of a user
/// message with its whole file.
QStringList mentionedSkills(const QString &prompt, const std::vector<Skill> &skills);

} // namespace nightshift::config
