#include "runisolation.h"
#include "app/sessionchoice.h"
#include "app/stdoutwriter.h"
#include "base/boundedfile.h"
#include "engine/gitstate.h"
#include "tools/sandbox.h"
#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

using isolation::IsolatedTree;

namespace {

constexpr const char *folderVariable = "NIGHTSHIFT_ISOLATION"; // from us to us, through the helper

QByteArray take(const char *variable)
{
    const QByteArray value = qgetenv(variable);
    qunsetenv(variable);
    return value;
}

void say(const QString &line)
{
    sayLine(line);
}

std::unexpected<StartError> startError(const Error &error)
{
    return std::unexpected(StartError{error.message});
}

/// Starts us again in the overlay; returns only when that failed.
Error becomeInOverlay(const IsolatedTree &tree)
{
    const auto sandbox = tools::Sandbox::prepare({.mode = SandboxPolicy::Mode::DangerFullAccess}, u"/"_s, {});
    if (!sandbox)
        return sandbox.error();
    QStringList words{sandbox->writeArgv().first(), u"overlay"_s};
    words += tree.overlayWords();
    words += QCoreApplication::applicationFilePath();
    words += QCoreApplication::arguments().mid(1);
    std::vector<QByteArray> bytes;
    for (const QString &word : std::as_const(words))
        bytes.push_back(QFile::encodeName(word));
    std::vector<char *> argv;
    for (QByteArray &word : bytes)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    qputenv(folderVariable, QFile::encodeName(tree.folder()));
    execv(argv.front(), argv.data());
    return {Error::Kind::Internal,
            u"%1 could not be started: %2"_s.arg(words.first(), QString::fromLocal8Bit(strerror(errno)))};
}

/// We were started by the helper: in the overlay, or because there can be none.
Result<IsolatedTree> arrive(const QByteArray &folder)
{
    const QByteArray problem = take("NIGHTSHIFT_OVERLAY_PROBLEM"), fd = take("NIGHTSHIFT_TREE_FD");
    auto tree = IsolatedTree::load(QFile::decodeName(folder));
    if (!tree)
        return tree;
    if (fd.isEmpty()) {
        say(u"isolation: no overlay is possible here (%1), so the tree is copied"_s.arg(
            QString::fromLocal8Bit(problem)));
        const auto copied = tree->becomeCopy();
        return copied ? tree : Result<IsolatedTree>(std::unexpected(copied.error()));
    }
    fcntl(fd.toInt(), F_SETFD, FD_CLOEXEC); // no command may find the real tree through it
    tree->setRealTree(u"/proc/%1/fd/%2"_s.arg(getpid()).arg(fd.toInt()));
    return tree;
}

/// A folder in the real tree, as the run is to see it.
void relocate(QString &path, const IsolatedTree &tree)
{
    if (path == tree.tree() || path.startsWith(tree.tree() + u'/'))
        path = tree.place() + path.sliced(tree.tree().size());
}

} // namespace

Result<IsolatedTree> RunIsolation::choose(const ExecOptions &options, const Settings &settings)
{
    const bool canBeEarlier = QFileInfo::exists(settings.home.state + "/isolation"_L1);
    if (const auto *resume = std::get_if<ResumeTarget>(&options.target); resume && canBeEarlier) {
        const auto log = chooseSession(*resume, settings);
        if (!log)
            return std::unexpected(log.error());
        const QString id = QFileInfo(*log).completeBaseName().right(36); // rollout-TIME-UUID.jsonl
        auto earlier = IsolatedTree::ofSession(settings.home.state, id);
        if (earlier) {
            if (const auto there = earlier->isApplied() ? earlier->renew() : earlier->comeBack(); !there)
                return std::unexpected(there.error());
        }
        if (earlier)
            return earlier;
    }
    if (settings.isolation == Isolation::None)
        return fail(Error::Kind::NotFound, u"nothing was isolated here yet"_s);
    const QString repository = engine::repositoryRoot(settings.cwd);
    if (repository.isEmpty() && settings.isolation == Isolation::Worktree)
        return fail(Error::Kind::Invalid, u"--worktree needs a Git repository, and %1 is in none; --isolation overlay "
                                          "works everywhere"_s.arg(settings.cwd));
    return IsolatedTree::create(settings, settings.isolation, repository.isEmpty() ? settings.cwd : repository);
}

std::expected<RunIsolation, StartError> RunIsolation::open(const ExecOptions &options, Settings &settings)
{
    RunIsolation run;
    run.m_diffFile = options.diffFile;
    run.m_apply = options.apply;
    const QByteArray arrived = take(folderVariable);
    const bool isResume = std::holds_alternative<ResumeTarget>(options.target);
    if (arrived.isEmpty() && settings.isolation == Isolation::None && !isResume)
        return run;
    auto tree = arrived.isEmpty() ? choose(options, settings) : arrive(arrived);
    if (!tree && settings.isolation == Isolation::None && tree.error().kind != Error::Kind::Denied)
        return run; // what is to be resumed never was isolated, or is not there, which others say
    if (!tree)
        return startError(tree.error());
    if (arrived.isEmpty() && tree->kind() == Isolation::Overlay) {
        const Error error = becomeInOverlay(*tree);
        return startError(error);
    }
    const QString cwd = tree->cwd();
    relocate(settings.projectRoot, *tree);
    settings.cwd = cwd;
    say(tree->kind() == Isolation::Overlay
            ? u"isolation: overlay over %1"_s.arg(tree->tree())
            : u"isolation: %1 of %2 in %3"_s.arg(isolationName(tree->kind()), tree->tree(), tree->place()));
    run.m_tree = std::make_unique<IsolatedTree>(std::move(*tree));
    return run;
}

std::expected<RunIsolation, StartError> RunIsolation::enter(const ExecOptions &options, Settings &settings)
{
    auto run = open(options, settings);
    if (run && !run->m_tree && (options.apply || options.diffFile))
        return std::unexpected(StartError{
            u"%1 needs --isolation overlay, copy or worktree: without it the run changes the tree itself"_s.arg(
                options.apply ? u"--apply"_s : u"--diff"_s)});
    return run;
}

RunIsolation::~RunIsolation()
{
    if (m_tree && !m_tree->isAdopted()) // nobody could ever ask for it again
        m_tree->discard();
}

Result<> RunIsolation::adopt(const QString &sessionId)
{
    m_sessionId = sessionId;
    return m_tree ? m_tree->adopt(sessionId) : Result<>();
}

Result<> RunIsolation::finish(bool isComplete)
{
    if (!m_tree)
        return {};
    const auto patch = m_tree->collect();
    if (!patch)
        return std::unexpected(patch.error());
    return deliver(*patch, isComplete);
}

Result<> RunIsolation::deliver(const QByteArray &patch, bool isComplete)
{
    if (m_tree->hasGitChanges())
        say(u"isolation: what was changed inside .git is not part of the result"_s);
    if (m_diffFile) {
        // A command may have put a pipe there that nobody reads.
        const bool isStdout = *m_diffFile == "-"_L1;
        const auto opened = isStdout ? Result<FileDescriptor>() : openToReplace(outside(*m_diffFile));
        if (!opened)
            return failAt(u"cannot write "_s + *m_diffFile, opened.error());
        QFile file;
        if (!file.open(isStdout ? STDOUT_FILENO : opened->get(), QIODevice::WriteOnly) ||
            file.write(patch) != patch.size() || !file.flush())
            return fail(Error::Kind::Internal, u"cannot write %1: %2"_s.arg(*m_diffFile, file.errorString()));
    }
    if (m_apply && isComplete && !patch.isEmpty()) {
        const auto count = m_tree->apply();
        if (!count)
            return std::unexpected(count.error());
        say(u"isolation: %1 changed in %2"_s.arg(*count == 1 ? u"1 file"_s : u"%1 files"_s.arg(*count),
                                                 m_tree->tree()));
        return {};
    }
    if (patch.isEmpty()) {
        say(u"isolation: nothing was changed"_s);
        return {};
    }
    if (!m_diffFile)
        writeFully(STDERR_FILENO, answerFor(STDERR_FILENO, QString::fromUtf8(patch)));
    if (!m_sessionId.isEmpty())
        say(u"isolation: %1 is as it was; to apply the patch: nightshift sessions apply %2"_s.arg(m_tree->tree(),
                                                                                                  m_sessionId));
    return {};
}

} // namespace nightshift::app
