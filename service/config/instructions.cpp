#include "instructions.h"
#include "config/projectfile.h"
#include "config/sightings.h"
#include <QDir>
#include <QFileInfo>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

/// Of a file of the user's own, without a fence.
QByteArray contents(const QString &path, const QString &fence = {})
{
    if (path.isEmpty())
        return {};
    return readFenced(path, fence, fileuse::instructions).value_or(QByteArray());
}

bool isBlank(const QByteArray &text)
{
    return std::ranges::all_of(text, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
}

QString firstWithText(const QString &folder, const QStringList &names, const QString &fence = {})
{
    for (const QString &name : names) {
        const QString path = QDir(folder).filePath(name);
        noteSight(path);
        if (leadsOut(path, fence)) {
            warnOfLink(path, fence);
            continue;
        }
        const auto text = readFenced(path, fence, fileuse::instructions);
        if (!text && text.error().kind != Error::Kind::NotFound)
            warnUnread(path, text.error().message);
        else if (text && !isBlank(*text))
            return path;
    }
    return {};
}

/// From the project's root down to the working folder.
QStringList foldersOf(const Settings &settings)
{
    QStringList folders{settings.cwd};
    while (!settings.projectRoot.isEmpty() && folders.first() != settings.projectRoot && folders.first() != u"/"_s)
        folders.prepend(QFileInfo(folders.first()).path());
    return folders;
}

/// At most `bytes` of the text, and no piece of a character.
QByteArray cut(const QByteArray &text, qint64 bytes)
{
    qsizetype end = std::min<qsizetype>(text.size(), bytes);
    if (end < text.size()) {
        while (end > 0 && (uchar(text[end]) & 0xC0) == 0x80) // a continuation byte of UTF-8
            --end;
    }
    return text.first(end);
}

/// The project's texts joined by blank lines; `bytes` counts what of them was taken.
QString projectText(const Settings &settings, qint64 &bytes, QStringList &notices)
{
    QStringList texts;
    QStringList dropped;
    qint64 left = settings.projectDocMaxBytes;
    if (left == 0)
        return {};
    for (const QString &folder : foldersOf(settings)) {
        const QString path = instructionsFile(settings, folder);
        if (path.isEmpty())
            continue;
        if (left == 0) {
            dropped += path;
            continue;
        }
        const QByteArray whole = contents(path, fenceOf(settings));
        const QByteArray taken = cut(whole, left);
        if (taken.size() < whole.size()) {
            notices += u"Only the first %1 of %2 bytes of %3 are read: all AGENTS.md files of a project share "
                       "project_doc_max_bytes = %4"_s.arg(QString::number(taken.size()), QString::number(whole.size()),
                                                          path, QString::number(settings.projectDocMaxBytes));
            left = 0;
        }
        left = std::max<qint64>(left - taken.size(), 0);
        bytes += taken.size();
        texts += QString::fromUtf8(taken).trimmed();
    }
    if (!dropped.isEmpty())
        notices += u"Not read, because project_doc_max_bytes = %1 is used up: %2"_s.arg(
            QString::number(settings.projectDocMaxBytes), dropped.join(u", "_s));
    return texts.join(u"\n\n"_s);
}

QString framed(const QString &folder, const QString &text)
{
    return u"# AGENTS.md instructions for %1\n\n<INSTRUCTIONS>\n"_s.arg(folder) + text + u"\n</INSTRUCTIONS>"_s;
}

} // namespace

QString folderInstructions(const Settings &settings, const QString &folder)
{
    const QByteArray whole = contents(instructionsFile(settings, folder), fenceOf(settings));
    const QString text = QString::fromUtf8(cut(whole, settings.projectDocMaxBytes)).trimmed();
    return text.isEmpty() ? text : framed(folder, text);
}

QString instructionsFile(const Settings &settings, const QString &folder)
{
    const QStringList names{u"AGENTS.override.md"_s, u"AGENTS.md"_s};
    return firstWithText(folder, names + settings.projectDocFallbackFilenames, fenceOf(settings));
}

ProjectInstructions readInstructions(const Settings &settings)
{
    ProjectInstructions instructions;
    const QByteArray global = contents(firstWithText(settings.home.config, {u"AGENTS.override.md"_s, u"AGENTS.md"_s}));
    qint64 projectBytes = 0;
    const QString project = projectText(settings, projectBytes, instructions.notices);
    const QString user = QString::fromUtf8(global).trimmed();
    if (user.isEmpty() && project.isEmpty())
        return instructions;
    if (const qint64 total = global.size() + projectBytes;
        !user.isEmpty() && settings.projectDocMaxBytes > 0 && total > settings.projectDocMaxBytes)
        instructions.notices +=
            u"The AGENTS.md of %1 and the project's together have %2 bytes, more than "
            "project_doc_max_bytes = %3, which bounds the project's alone"_s.arg(
                settings.home.config, QString::number(total), QString::number(settings.projectDocMaxBytes));
    const QString separator = user.isEmpty() || project.isEmpty() ? QString() : u"\n\n--- project-doc ---\n\n"_s;
    instructions.text = framed(settings.cwd, user + separator + project);
    return instructions;
}

} // namespace nightshift::config
