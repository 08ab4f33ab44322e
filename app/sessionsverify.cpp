#include "app/exitcodes.h"
#include "app/sessionchoice.h"
#include "app/sessionstask.h"
#include "app/stdoutwriter.h"
#include "store/logcheck.h"
#include "store/mappedfile.h"
#include "store/writerlock.h"
#include <algorithm>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

void say(const QString &sentence)
{
    printText(sentence + u'\n');
}

/// How much is wrong with the log, said line by line.
qsizetype verify(const SessionsTask &task, const store::SessionFile &file)
{
    const bool isBeingWritten = store::WriterLock::isHeld(task.state(), file.id);
    const auto log = store::MappedFile::open(file.path, decompressor());
    if (!log) {
        say(log.error().message);
        return 1;
    }
    const std::vector<store::LogFinding> findings = store::checkLog((*log)->text(), isBeingWritten);
    for (const store::LogFinding &finding : findings)
        say(u"%1: line %2 %3"_s.arg(file.path).arg(finding.line).arg(finding.sentence));
    return qsizetype(findings.size());
}

Result<std::vector<store::SessionFile>> chosen(const SessionsTask &task)
{
    if (task.has("all") != task.words.isEmpty())
        return fail(Error::Kind::Usage, u"name the sessions to verify, or give --all"_s);
    if (task.has("all")) {
        std::vector<store::SessionFile> files = store::sessionFiles(task.state());
        std::ranges::sort(files, {}, &store::SessionFile::id);
        return files;
    }
    std::vector<store::SessionFile> files;
    for (const QString &word : task.words) {
        const Result<store::SessionFile> file = task.session(word);
        if (!file)
            return std::unexpected(file.error());
        files.push_back(*file);
    }
    return files;
}

} // namespace

Result<int> verifySessions(const SessionsTask &task)
{
    const auto files = chosen(task);
    if (!files)
        return std::unexpected(files.error());
    qsizetype wrong = 0;
    for (const store::SessionFile &file : *files)
        wrong += verify(task, file);
    if (wrong > 0)
        return int(ExitCode::Failure);
    say(files->size() == 1 ? u"1 session: nothing is wrong"_s : u"%1 sessions: nothing is wrong"_s.arg(files->size()));
    return int(ExitCode::Success);
}

} // namespace nightshift::app
