#include "git.h"
#include "base/ids.h"
#include "base/shellwords.h"
#include "isolation/gitattempt.h"
#include "isolation/treeentry.h"
#include "store/folders.h"
#include <QDir>
#include <QFileInfo>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

using namespace Qt::StringLiterals;

namespace nightshift::isolation {

namespace {

/// On top of the sandbox, what would only be run to no use; filters are not among it: contents need them. Objects live
/// for a moment, so nothing is done for their safety or size.
const QStringList &caution()
{
    static const QStringList words = [] {
        QStringList made;
        for (const auto setting :
             {"core.fsmonitor=false"_L1, "core.hooksPath=/dev/null"_L1, "core.untrackedCache=false"_L1,
              "core.splitIndex=false"_L1, "core.fsync=none"_L1, "core.looseCompression=0"_L1, "core.pager=cat"_L1,
              "gc.auto=0"_L1, "maintenance.auto=false"_L1, "submodule.recurse=false"_L1, "protocol.allow=never"_L1,
              "credential.helper="_L1, "advice.addEmbeddedRepo=false"_L1})
            made += {u"-c"_s, setting};
        return made;
    }();
    return words;
}

/// Scratch folders of owners that were killed.
void sweep(const QString &parent)
{
    for (const QString &name : QDir(parent).entryList({u"git-*"_s}, QDir::Dirs | QDir::NoSymLinks)) {
        const QString path = parent + u'/' + name;
        const int fd = open(QFile::encodeName(path).constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            removeAll(path);
        if (fd >= 0)
            close(fd);
    }
}

bool writeFile(const QString &path, const QByteArray &content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly | QIODevice::NewOnly) && file.write(content) == content.size();
}

/// The least that Git takes for a repository.
bool makeRepository(const QString &folder)
{
    return QDir().mkpath(folder + "/objects"_L1) && QDir().mkpath(folder + "/refs"_L1) &&
           QDir().mkpath(folder + "/info"_L1) && writeFile(folder + "/HEAD"_L1, "ref: refs/heads/none\n") &&
           writeFile(folder + "/config"_L1, "[core]\n\trepositoryformatversion = 0\n") &&
           writeFile(folder + "/info/attributes"_L1, "* -text -filter -ident -working-tree-encoding\n");
}

/// The command among settings: "apply" of `-c NAME=VALUE apply`.
QString commandOf(const QStringList &words)
{
    qsizetype at = 0;
    while (words.value(at) == "-c"_L1)
        at += 2;
    return words.value(at);
}

/// What Git said, with what to do about a filter that failed for lack of what the sandbox keeps from it.
QString complaint(const QByteArray &words)
{
    const QString said = QString::fromLocal8Bit(words.trimmed());
    return said.contains(" filter "_L1) && said.contains("failed"_L1)
               ? said + u" (Git's filters run in a sandbox, without network; --isolation copy or overlay need none)"_s
               : said;
}

} // namespace

Result<Git> Git::open(const Repository &repository, const QString &parent, NoSandbox noSandbox)
{
    Git git;
    git.m_repository = repository;
    git.m_noSandbox = noSandbox;
    if (parent.isEmpty())
        return git;
    sweep(parent);
    const QString scratch = QFileInfo(parent).canonicalFilePath() + "/git-"_L1 + newId();
    const QString unlocked = QFileInfo(parent).canonicalFilePath() + "/new-"_L1 + newId(); // no one sweeps it
    if (const auto made = store::makePrivateFolder(unlocked); !made)
        return std::unexpected(made.error());
    git.m_lock = ::open(QFile::encodeName(unlocked).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    flock(git.m_lock, LOCK_EX);
    if (!QFile::rename(unlocked, scratch))
        return store::systemError(u"make the folder"_s, scratch);
    git.m_scratch = scratch;
    if (!QDir().mkdir(scratch + "/objects"_L1) || !QDir().mkdir(scratch + "/tmp"_L1))
        return store::systemError(u"write into"_s, scratch);
    const QString largeFiles = QFileInfo(parent).canonicalFilePath() + "/lfs"_L1;
    if (QFileInfo(repository.common + "/lfs"_L1).isDir() && (QDir().mkdir(largeFiles) || QFileInfo(largeFiles).isDir()))
        git.m_largeFiles = largeFiles;
    return git;
}

Result<Git> Git::reading(const Repository &repository, NoSandbox noSandbox)
{
    return open(repository, {}, noSandbox);
}

Result<Git> Git::writing(const Repository &repository, const QString &parent, NoSandbox noSandbox)
{
    return open(repository, parent, noSandbox);
}

Result<Git> Git::plain(const QString &tree, const QString &parent, NoSandbox noSandbox)
{
    auto git = open({.tree = tree, .git = {}, .common = {}}, parent, noSandbox);
    if (!git)
        return git;
    git->m_isPlain = true;
    git->m_repository.git = git->m_repository.common = git->m_scratch + "/repository"_L1;
    if (!makeRepository(git->m_repository.git))
        return store::systemError(u"write into"_s, git->m_scratch);
    return git;
}

Git::~Git()
{
    if (!m_scratch.isEmpty())
        removeAll(m_scratch);
    if (m_lock >= 0)
        close(m_lock);
}

Git::Git(Git &&other) noexcept
    : m_repository(std::move(other.m_repository))
    , m_scratch(std::exchange(other.m_scratch, {}))
    , m_largeFiles(std::move(other.m_largeFiles))
    , m_lock(std::exchange(other.m_lock, -1))
    , m_isPlain(other.m_isPlain)
    , m_noSandbox(other.m_noSandbox)
{}

Result<> Git::useOwnTree()
{
    m_repository.tree = m_scratch + "/tree"_L1;
    m_largeFiles.clear(); // only the repository's own are needed
    return store::makePrivateFolder(m_repository.tree);
}

/// Complete, so that none of the variables reach Git by which others steer it.
QStringList Git::environment() const
{
    QStringList variables;
    for (const char *name : {"PATH", "HOME", "USER", "LOGNAME", "XDG_CONFIG_HOME", "LD_LIBRARY_PATH", "ASAN_OPTIONS"}) {
        if (qEnvironmentVariableIsSet(name))
            variables += QLatin1StringView(name) + u'=' + qEnvironmentVariable(name);
    }
    variables += {u"LC_ALL=C"_s,
                  u"GIT_OPTIONAL_LOCKS=0"_s,
                  u"GIT_TERMINAL_PROMPT=0"_s,
                  u"GIT_ALLOW_PROTOCOL=none"_s, // no object is fetched, by whatever program
                  u"GIT_NO_LAZY_FETCH=1"_s,
                  u"GIT_LITERAL_PATHSPECS=1"_s,
                  u"GIT_DIR="_s + m_repository.git,
                  u"GIT_WORK_TREE="_s + m_repository.tree};
    if (m_repository.common != m_repository.git)
        variables += u"GIT_COMMON_DIR="_s + m_repository.common;
    if (m_isPlain)
        variables += {u"GIT_CONFIG_NOSYSTEM=1"_s, u"GIT_CONFIG_GLOBAL=/dev/null"_s, u"GIT_ATTR_NOSYSTEM=1"_s};
    if (m_scratch.isEmpty())
        return variables;
    QString objects = m_repository.common + "/objects"_L1; // in a list, whose quotes are C's
    objects.replace(u'\\', "\\\\"_L1).replace(u'"', "\\\""_L1);
    return variables +
           QStringList{u"GIT_INDEX_FILE="_s + index(), u"GIT_OBJECT_DIRECTORY="_s + m_scratch + "/objects"_L1,
                       u"GIT_ALTERNATE_OBJECT_DIRECTORIES=\""_s + objects + u'"', u"TMPDIR="_s + m_scratch + "/tmp"_L1};
}

QStringList Git::argv(const QStringList &words) const
{
    const QStringList largeFiles{u"-c"_s, "lfs.storage="_L1 + m_largeFiles};
    return QStringList{u"git"_s} + caution() + (m_largeFiles.isEmpty() ? QStringList() : largeFiles) + words;
}

Result<QByteArray> Git::run(const QStringList &words, const QByteArray &input) const
{
    return start(argv(words), commandOf(words), input);
}

Result<QByteArray> Git::runAll(const QList<QStringList> &commands) const
{
    QStringList lines, names;
    for (const QStringList &words : commands) {
        lines += shellQuoted(argv(words));
        names += commandOf(words);
    }
    return start({u"/bin/sh"_s, u"-c"_s, lines.join(" && "_L1)}, names.join(", "_L1), {});
}

Result<QByteArray> Git::start(const QStringList &argv, const QString &name, const QByteArray &input) const
{
    using Mode = SandboxPolicy::Mode;
    const bool reads = m_scratch.isEmpty();
    const SandboxPolicy policy{.mode = reads ? Mode::ReadOnly : Mode::WorkspaceWrite,
                               .writableRoots = m_largeFiles.isEmpty() ? QStringList() : QStringList{m_largeFiles},
                               .excludeSlashTmp = true,
                               .excludeTmpdirEnvVar = true};
    const tools::AttachedProcess::Options options{
        .argv = argv, .cwd = QFileInfo(m_repository.tree).canonicalFilePath(), .environment = environment()};
    const auto sandbox = tools::Sandbox::prepare(policy, reads ? options.cwd : m_scratch, {});
    GitAttempt made;
    if (sandbox)
        made = attemptGit(*sandbox, options, input);
    const bool hadNone = !sandbox || (made.neverRan && made.errors.contains("the sandbox could not be set up"));
    if (hadNone && m_noSandbox == NoSandbox::RunBare) {
        const auto bare = tools::Sandbox::prepare({.mode = Mode::DangerFullAccess}, m_repository.tree, {});
        if (!bare)
            return std::unexpected(bare.error());
        made = attemptGit(*bare, options, input);
    } else if (!sandbox) {
        return fail(sandbox.error().kind, u"git %1 runs in a sandbox only: %2"_s.arg(name, sandbox.error().message));
    }
    if (made.neverRan)
        return fail(Error::Kind::Denied, u"git %1 could not be run: %2"_s.arg(name, *made.neverRan));
    if (made.isCutOff)
        return fail(Error::Kind::Timeout, u"git %1 took longer than 10 minutes, or printed more than 1 GiB, and was "
                                          "ended"_s.arg(name));
    if (!made.isFine)
        return fail(Error::Kind::Denied, u"git %1: %2"_s.arg(name, complaint(made.errors)));
    return made.out;
}

} // namespace nightshift::isolation
