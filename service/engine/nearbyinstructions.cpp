#include "nearbyinstructions.h"
#include "config/instructions.h"
#include "engine/items.h"
#include <QDir>
#include <QFileInfo>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

/// Of a script longer than this the rest is data, such as a file it writes.
constexpr qsizetype scriptCharacters = 4096;

bool isBelow(const QString &path, const QString &folder)
{
    return path.startsWith(folder + u'/');
}

/// Where the shell would begin another word, quotes and operators included: nobody knows what a word is for.
bool endsWord(QChar c)
{
    return c.isSpace() || u"\"'`;|&<>()=:,{}"_s.contains(c);
}

bool isTold(const History &history, const QString &text)
{
    const QByteArray written = json::string(text.section(u'\n', 0, 0) + u'\n').text;
    const QByteArrayView heading = QByteArrayView(written).sliced(1, written.size() - 2);
    return std::ranges::any_of(history, [&](const HistoryItem &item) {
        return item.kind == HistoryItem::Kind::User && item.json.text.contains(heading);
    });
}

} // namespace

void NearbyInstructions::note(const Event &event)
{
    if (const auto *command = std::get_if<CommandStarted>(&event)) {
        touch(command->command.cwd);
        if (!command->command.argv.isEmpty())
            touchWords(command->command.argv.last(), command->command.cwd);
    } else if (const auto *patch = std::get_if<PatchStarted>(&event)) {
        for (const FileChange &change : patch->changes) {
            touch(change.path);
            touch(change.movedTo.value_or(change.path));
        }
    } else if (std::holds_alternative<ContextCompacted>(event)) {
        m_seen.clear(); // the summary may have left out what was told
    }
}

void NearbyInstructions::touchWords(const QString &script, const QString &cwd)
{
    for (qsizetype at = 0; at < std::min(script.size(), scriptCharacters); ++at) {
        const auto end = std::find_if(script.begin() + at, script.end(), endsWord) - script.begin();
        const QString word = script.mid(at, end - at);
        at = end;
        const QString path = QDir::cleanPath(word.startsWith(u'/') ? word : cwd + u'/' + word);
        if (!word.isEmpty() && QFileInfo::exists(path))
            touch(path);
    }
}

/// From the project's root down; none for what is outside of it.
QStringList NearbyInstructions::unseenFoldersTo(const QString &folder) const
{
    const QString &root = m_settings.projectRoot.isEmpty() ? m_settings.cwd : m_settings.projectRoot;
    QStringList folders;
    for (QString at = folder; isBelow(at, root); at.truncate(at.lastIndexOf(u'/'))) {
        const bool isBriefed = at == m_settings.cwd || isBelow(m_settings.cwd, at);
        if (!isBriefed && !m_seen.contains(at))
            folders.prepend(at);
    }
    return folders;
}

void NearbyInstructions::touch(const QString &path)
{
    const QString folder = QFileInfo(path).isDir() ? path : path.section(u'/', 0, -2);
    for (const QString &unseen : unseenFoldersTo(folder)) {
        m_seen.insert(unseen);
        if (!config::instructionsFile(m_settings, unseen).isEmpty())
            m_folders += unseen;
    }
}

std::vector<HistoryItem> NearbyInstructions::take(const History &history)
{
    std::vector<HistoryItem> items;
    for (const QString &folder : std::exchange(m_folders, {})) {
        const QString text = config::folderInstructions(m_settings, folder);
        if (!text.isEmpty() && !isTold(history, text))
            items.push_back({HistoryItem::Kind::User, userText(text), {}});
    }
    return items;
}

} // namespace nightshift::engine
