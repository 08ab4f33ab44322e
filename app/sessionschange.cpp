#include "app/exitcodes.h"
#include "app/modules.h"
#include "app/sessionchoice.h"
#include "app/sessionstask.h"
#include "app/stdoutwriter.h"
#include "app/values.h"
#include "isolation/isolatedtree.h"
#include "store/sessionmoves.h"
#include <chrono>
#include <functional>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

using store::SessionFile;

void say(const QString &line)
{
    printText(line + u'\n');
}

/// All that can be done is done; each session that it could not be done to has its line on stderr.
int doneWith(const std::vector<SessionFile> &files, const std::function<Result<QString>(const SessionFile &)> &change)
{
    int exitCode = int(ExitCode::Success);
    for (const SessionFile &file : files) {
        if (const Result<QString> said = change(file)) {
            say(*said);
        } else {
            sayLine(u"Error: "_s + said.error().message);
            exitCode = int(ExitCode::Failure);
        }
    }
    return exitCode;
}

/// Nothing is changed when one of them is not to be found.
Result<std::vector<SessionFile>> named(const SessionsTask &task)
{
    std::vector<SessionFile> files;
    for (const QString &word : task.words) {
        const Result<SessionFile> file = task.session(word);
        if (!file)
            return std::unexpected(file.error());
        files.push_back(*file);
    }
    return files;
}

Result<int> change(const SessionsTask &task, const std::function<Result<QString>(const SessionFile &)> &what)
{
    const auto files = named(task);
    if (!files)
        return std::unexpected(files.error());
    return doneWith(*files, what);
}

Result<std::vector<SessionFile>> untouchedFor(const SessionsTask &task)
{
    const auto age = durationFromText(task.value("older-than"));
    if (!age)
        return fail(Error::Kind::Usage,
                    u"--older-than takes an age such as 90d, not '%1'"_s.arg(task.value("older-than")));
    const store::SessionIndex index(task.state());
    if (const Result<> ready = index.refresh(decompressor()); !ready)
        return std::unexpected(ready.error());
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    std::vector<SessionFile> files;
    for (const store::SessionRow &row : index.rows()) {
        if (row.updated < (now - *age).count())
            files.push_back({row.id, task.state() + u'/' + row.path, row.isArchived()});
    }
    return files;
}

Result<QString> deleted(const SessionsTask &task, const SessionFile &file)
{
    return store::remove(task.state(), file).transform([&] {
        isolation::IsolatedTree::forget(task.state(), file.id);
        return u"deleted %1"_s.arg(file.id);
    });
}

} // namespace

Result<int> renameSession(const SessionsTask &task)
{
    const Result<SessionFile> file = task.session(task.words[0]);
    if (!file)
        return std::unexpected(file.error());
    const Result<> renamed = store::rename(task.state(), file->id, task.words[1]);
    if (!renamed)
        return std::unexpected(renamed.error());
    say(u"%1 is called %2"_s.arg(file->id, task.words[1]));
    return int(ExitCode::Success);
}

Result<int> archiveSessions(const SessionsTask &task)
{
    return change(task, [&task](const SessionFile &file) { return store::archive(task.state(), file); });
}

Result<int> unarchiveSessions(const SessionsTask &task)
{
    return change(task, [&task](const SessionFile &file) { return store::unarchive(task.state(), file); });
}

Result<int> deleteSessions(const SessionsTask &task)
{
    return change(task, [&task](const SessionFile &file) { return deleted(task, file); });
}

Result<int> pruneSessions(const SessionsTask &task)
{
    const auto files = untouchedFor(task);
    if (!files)
        return std::unexpected(files.error());
    return doneWith(*files, [&task](const SessionFile &file) { return deleted(task, file); });
}

Result<int> compressSessions(const SessionsTask &task)
{
    if (task.words.isEmpty() == task.value("older-than").isEmpty())
        return fail(Error::Kind::Usage, u"name the sessions to compress, or give --older-than AGE"_s);
    const auto files = task.words.isEmpty() ? untouchedFor(task) : named(task);
    if (!files)
        return std::unexpected(files.error());
    const store::Decompress pack = store::fromModule(modulePath(u"nightshift-archive"_s), store::compressSymbol);
    return doneWith(*files,
                    [&](const SessionFile &file) { return store::compress(task.state(), file, pack, decompressor()); });
}

Result<int> reindexSessions(const SessionsTask &task)
{
    const store::SessionIndex index(task.state());
    if (const Result<> rebuilt = index.rebuild(decompressor()); !rebuilt)
        return std::unexpected(rebuilt.error());
    say(u"%1 sessions"_s.arg(index.rows().size()));
    return int(ExitCode::Success);
}

} // namespace nightshift::app
