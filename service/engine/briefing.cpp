#include "briefing.h"
#include "config/context.h"
#include "config/instructions.h"
#include "config/sightings.h"
#include "engine/items.h"
#include <QFile>
#include <QFileInfo>
#include <ctime>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

/// The IANA name of the machine's time zone: from TZ, else from where /etc/localtime leads. Qt's own time
/// zones would be read from disk for it.
QString timezoneName()
{
    const QString set = qEnvironmentVariable("TZ");
    if (!set.isEmpty())
        return set.startsWith(u':') ? set.sliced(1) : set;
    config::noteSight(u"/etc/localtime"_s);
    const QString link = QFile::symLinkTarget(u"/etc/localtime"_s);
    const qsizetype start = link.indexOf("/zoneinfo/"_L1);
    return start < 0 ? u"Etc/UTC"_s : link.sliced(start + 10);
}

HistoryItem item(HistoryItem::Kind kind, RawJson json)
{
    return {kind, std::move(json), {}};
}

} // namespace

QString today()
{
    const std::time_t now = std::time(nullptr);
    tm local{};
    ::tzset(); // the machine may have moved since
    ::localtime_r(&now, &local);
    char text[40];
    const size_t length = std::strftime(text, sizeof text, "%Y-%m-%d", &local);
    return QString::fromLatin1(text, qsizetype(length));
}

Briefing brief(const Settings &settings, const QString &shell)
{
    Briefing briefing{.base = settings.baseInstructions};
    QStringList developer;
    if (!settings.developerInstructions.isEmpty())
        developer += settings.developerInstructions;
    briefing.skills = config::findSkills(settings);
    if (settings.includeSkillInstructions && !briefing.skills.empty())
        developer += config::skillsText(briefing.skills);
    if (settings.includePermissionsInstructions)
        developer += config::permissionsText(settings);
    if (!developer.isEmpty())
        briefing.context.push_back(item(HistoryItem::Kind::Developer, developerText(developer)));

    config::ProjectInstructions project = config::readInstructions(settings);
    briefing.notices = std::move(project.notices);
    std::vector<RawJson> user;
    if (!project.text.isEmpty())
        user.push_back(textPart(project.text));
    if (settings.includeEnvironmentContext)
        user.push_back(
            textPart(config::environmentContext(settings, QFileInfo(shell).fileName(), today(), timezoneName())));
    if (!user.empty())
        briefing.context.push_back(item(HistoryItem::Kind::User, message("user", user)));
    return briefing;
}

} // namespace nightshift::engine
