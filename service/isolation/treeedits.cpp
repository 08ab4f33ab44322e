#include "treeedits.h"
#include "tools/sandbox.h"
#include <QProcess>
#include <set>

using namespace Qt::StringLiterals;

namespace nightshift::isolation {

namespace {

QByteArray edit(const char *kind, const QByteArray &path, const QByteArray &modeOf = {}, const QByteArray &content = {})
{
    QByteArray bytes = kind;
    for (const QByteArray &part : {path, modeOf, content})
        bytes += ' ' + QByteArray::number(part.size());
    return bytes + '\n' + path + modeOf + content;
}

bool isLink(const TreeEntry &entry)
{
    return entry.mode == TreeEntry::link;
}

bool mustGo(const TreeChange &change)
{
    return change.before.exists() && (!change.after.exists() || isLink(change.before) || isLink(change.after));
}

/// Folders that what goes leaves empty, innermost first; those that hold anything stay.
std::set<QByteArray, std::greater<>> leftFolders(const std::vector<TreeChange> &changes)
{
    std::set<QByteArray, std::greater<>> folders;
    for (const TreeChange &change : changes) {
        for (qsizetype slash = change.path.lastIndexOf('/'); !change.after.exists() && slash > 0;
             slash = change.path.lastIndexOf('/', slash - 1))
            folders.insert(change.path.first(slash));
    }
    return folders;
}

} // namespace

QByteArray encodeChanges(const std::vector<TreeChange> &changes, const QByteArray &tree, const QByteArray &model)
{
    QByteArray bytes = "edits 1\n";
    for (const TreeChange &change : changes) {
        if (mustGo(change))
            bytes += edit("remove", tree + '/' + change.path);
    }
    for (const QByteArray &folder : leftFolders(changes))
        bytes += edit("rmdir", tree + '/' + folder);
    for (const TreeChange &change : changes) {
        const QByteArray path = tree + '/' + change.path;
        if (isLink(change.after))
            bytes += edit("link", path, {}, change.after.content);
        else if (change.after.exists())
            bytes += edit("write", path, model + '/' + change.path, change.after.content);
    }
    return bytes + "end\n";
}

Result<> carryOut(const QByteArray &edits)
{
    const auto sandbox = tools::Sandbox::prepare({.mode = SandboxPolicy::Mode::DangerFullAccess}, u"/"_s, {});
    if (!sandbox)
        return std::unexpected(sandbox.error());
    const QStringList argv = sandbox->writeArgv();
    QProcess helper;
    helper.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    helper.start(argv.first(), argv.mid(1));
    helper.write(edits);
    helper.closeWriteChannel();
    if (!helper.waitForFinished(-1))
        return fail(Error::Kind::Internal, u"%1: %2"_s.arg(argv.first(), helper.errorString()));
    if (helper.exitStatus() != QProcess::NormalExit || helper.exitCode() != 0)
        return fail(Error::Kind::Denied, QString::fromLocal8Bit(helper.readAllStandardOutput().trimmed()));
    return {};
}

} // namespace nightshift::isolation
