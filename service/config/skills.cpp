#include "skills.h"
#include "config/frontmatter.h"
#include "config/log.h"
#include "config/projectfile.h"
#include "config/sightings.h"
#include <QDir>
#include <QFile>
#include <QSet>
#include <algorithm>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

constexpr qsizetype longestName = 64;          // the reference's limits
constexpr qsizetype longestDescription = 1024; // of one skill
constexpr qsizetype longestList = 8'000;       // of all lines; every request carries them
constexpr int deepest = 6;                     // folders below a root
constexpr qsizetype mostFolders = 2'000;       // below a root: every session looks through them

/// Where a search begins, and the folder that it does not leave; see fenceOf().
struct Root
{
    QString folder;
    QString fence;
};

Result<Skill> readSkill(const QString &path, const Root &root)
{
    noteSight(path);
    const auto text = readFenced(path, root.fence, fileuse::skill);
    if (!text)
        return std::unexpected(text.error());
    const auto values = frontMatter(QString::fromUtf8(*text));
    if (!values)
        return fail(Error::Kind::Invalid, u"it does not begin with front matter between `---` lines"_s);
    Skill skill{values->value(u"name"_s), values->value(u"description"_s), root.folder, path, root.fence};
    if (skill.name.isEmpty())
        skill.name = QFileInfo(QFileInfo(path).path()).fileName();
    if (skill.description.isEmpty())
        return fail(Error::Kind::Invalid, u"its front matter has no `description`"_s);
    if (skill.name.size() > longestName)
        return fail(Error::Kind::Invalid, u"its name has more than %1 characters"_s.arg(longestName));
    if (skill.description.size() > longestDescription)
        skill.description = skill.description.first(longestDescription) + "..."_L1;
    return skill;
}

/// `seen` holds the real folders: links that lead in circles, or to one folder many times, are followed once.
void search(const QString &folder, const Root &root, int depth, QSet<QString> &seen, std::vector<Skill> &found)
{
    noteSight(folder, Sightings::Of::Names);
    if (leadsOut(folder, root.fence))
        return warnOfLink(folder, root.fence);
    const QString real = QFileInfo(folder).canonicalFilePath();
    if (real.isEmpty() || seen.contains(real) || seen.size() >= mostFolders)
        return;
    seen.insert(real);
    if (::access(QFile::encodeName(folder).constData(), R_OK | X_OK) != 0)
        return;
    const QDir dir(folder);
    for (const QFileInfo &entry : dir.entryInfoList(QDir::Files | QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
        if (entry.isDir() && depth < deepest && !entry.fileName().startsWith(u'.')) {
            search(entry.filePath(), root, depth + 1, seen, found);
        } else if (entry.fileName() == "SKILL.md"_L1 && leadsOut(entry.filePath(), root.fence)) {
            warnOfLink(entry.filePath(), root.fence);
        } else if (entry.fileName() == "SKILL.md"_L1 && entry.isFile()) {
            auto skill = readSkill(entry.filePath(), root);
            if (skill)
                found.push_back(*std::move(skill));
            else
                qCWarning(configLog).noquote()
                    << "failed to load skill" << entry.filePath() + u':' << skill.error().message;
        }
    }
}

std::vector<Skill> searchAll(const QStringList &roots, const QString &fence)
{
    std::vector<Skill> found;
    for (const QString &root : roots) {
        QSet<QString> seen;
        search(root, {root, fence}, 0, seen, found);
    }
    std::ranges::stable_sort(found, {}, &Skill::name);
    return found;
}

bool isEnabled(const Skill &skill, const std::vector<SkillRule> &rules)
{
    bool enabled = true;
    for (const SkillRule &rule : rules) {
        const bool byName = !rule.name.isEmpty() && rule.name == skill.name;
        const bool byPath =
            !rule.path.isEmpty() && (rule.path == skill.path || rule.path == QFileInfo(skill.path).path());
        if (byName || byPath)
            enabled = rule.enabled;
    }
    return enabled;
}

QString listLine(const Skill &skill, qsizetype root, qsizetype descriptionBudget)
{
    QString description = skill.description;
    if (description.size() > descriptionBudget)
        description = description.first(descriptionBudget) + "..."_L1;
    return u"- %1: %2 (file: r%3/%4)\n"_s.arg(skill.name, description, QString::number(root),
                                              skill.path.sliced(skill.root.size() + 1));
}

bool goesOnName(QChar c)
{
    return c.isLetterOrNumber() || c == u'-' || c == u'_' || c == u':';
}

/// What stands behind each dollar sign.
QSet<QString> mentions(const QString &prompt)
{
    QSet<QString> names;
    for (qsizetype at = prompt.indexOf(u'$'); at >= 0; at = prompt.indexOf(u'$', at + 1)) {
        qsizetype end = at + 1;
        while (end < prompt.size() && goesOnName(prompt[end]))
            ++end;
        names.insert(prompt.sliced(at + 1, end - at - 1));
    }
    return names;
}

} // namespace

std::vector<Skill> findSkills(const Settings &settings)
{
    QStringList project;
    for (QString at = settings.cwd;; at = QFileInfo(at).path()) {
        project.prepend(at + u"/.agents/skills"_s);
        if (at == settings.projectRoot || at == u"/"_s)
            break;
    }
    project.prepend(settings.projectRoot + u"/.codex/skills"_s);
    QStringList user{settings.home.config + u"/skills"_s};
    if (!settings.home.user.isEmpty())
        user += settings.home.user + u"/.agents/skills"_s;
    user.removeIf([&project](const QString &root) { return project.contains(root); });
    std::vector<Skill> skills = searchAll(project, fenceOf(settings));
    const std::vector<Skill> own = searchAll(user, {});
    skills.insert(skills.end(), own.begin(), own.end());
    std::erase_if(skills, [&settings](const Skill &skill) { return !isEnabled(skill, settings.skillRules); });
    return skills;
}

QString skillsText(const std::vector<Skill> &skills)
{
    if (skills.empty())
        return {};
    QStringList roots;
    qsizetype total = 0;
    for (const Skill &skill : skills) {
        if (!roots.contains(skill.root))
            roots += skill.root;
        total += skill.description.size();
    }
    const qsizetype budget = total <= longestList ? longestDescription + 3 : longestList / qsizetype(skills.size());
    QString text = u"<skills_instructions>\n## Skills\nA skill is a file SKILL.md with instructions for one kind of "
                   "task. Where the task is of that kind, or the user names a skill, read its whole file first and "
                   "follow it; paths in it start from its folder.\n### Skill roots\n"_s;
    for (qsizetype i = 0; i < roots.size(); ++i)
        text += u"- `r%1` = `%2`\n"_s.arg(QString::number(i), roots[i]);
    text += u"### Available skills\n"_s;
    for (const Skill &skill : skills)
        text += listLine(skill, roots.indexOf(skill.root), budget);
    return text + u"</skills_instructions>"_s;
}

QStringList mentionedSkills(const QString &prompt, const std::vector<Skill> &skills)
{
    QStringList texts;
    const QSet<QString> names = skills.empty() ? QSet<QString>() : mentions(prompt);
    for (const Skill &skill : skills) {
        if (!names.contains(skill.name) || std::ranges::count(skills, skill.name, &Skill::name) != 1)
            continue;
        if (const auto text = readFenced(skill.path, skill.fence, fileuse::skill))
            texts += u"<skill>\n<name>%1</name>\n<path>%2</path>\n%3\n</skill>"_s.arg(skill.name, skill.path,
                                                                                      QString::fromUtf8(*text));
    }
    return texts;
}

} // namespace nightshift::config
