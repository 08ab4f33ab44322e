#include "governorfile.h"
#include "base/jsonreader.h"
#include "store/folders.h"
#include <QCryptographicHash>
#include <QFile>
#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

/// Since boot, in clock ticks; 0 for a process that is not there. Source: proc_pid_stat(5), field 22.
qint64 startTimeOf(qint64 pid)
{
    QFile file(u"/proc/%1/stat"_s.arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray text = file.readAll();
    return text.sliced(text.lastIndexOf(')') + 1).simplified().split(' ').value(19).toLongLong();
}

} // namespace

QByteArray encode(const GovernorState &state)
{
    std::vector<RawJson> holders;
    for (const GovernorState::Holder &holder : state.holders)
        holders.push_back(
            json::object({{"pid", holder.pid}, {"start_time", holder.startTime}, {"count", holder.count}}));
    return json::object({{"limit", state.limit},
                         {"next_allowed", state.nextAllowed},
                         {"last_cut", state.lastCut},
                         {"ceiling", state.ceiling},
                         {"probe_at", state.probeAt},
                         {"quickest", state.quickest},
                         {"round_trip", state.roundTrip},
                         {"turn_at", state.turnAt},
                         {"successes", state.successes},
                         {"refusals", state.refusals},
                         {"sent", state.sent},
                         {"turned_down", state.turnedDown},
                         {"borne", state.borne},
                         {"cuts", state.cuts},
                         {"first_at", state.firstAt},
                         {"last_pause", state.lastPause},
                         {"signs", state.signs},
                         {"holders", json::array(holders)}})
        .text;
}

GovernorState decodeGovernorState(QByteArrayView text)
{
    GovernorState state;
    const auto document = JsonDocument::parse(text);
    if (!document)
        return state;
    const JsonView root = document->root();
    state.limit = int(std::clamp<qint64>(root["limit"].toInteger(state.limit), 1, GovernorState::highestLimit));
    state.nextAllowed = root["next_allowed"].toInteger();
    state.lastCut = root["last_cut"].toInteger();
    state.ceiling = int(root["ceiling"].toInteger());
    state.probeAt = root["probe_at"].toInteger();
    state.quickest = root["quickest"].toInteger();
    state.roundTrip = root["round_trip"].toInteger();
    state.turnAt = root["turn_at"].toInteger();
    state.successes = int(root["successes"].toInteger());
    state.refusals = int(root["refusals"].toInteger());
    state.sent = int(std::max<qint64>(0, root["sent"].toInteger()));
    state.turnedDown = int(root["turned_down"].toInteger());
    state.borne = int(std::clamp<qint64>(root["borne"].toInteger(state.borne), GovernorState::unknown, 100));
    state.cuts = int(root["cuts"].toInteger());
    state.firstAt = root["first_at"].toInteger();
    state.lastPause = root["last_pause"].toInteger();
    state.signs = int(root["signs"].toInteger());
    for (const JsonView holder : root["holders"].items())
        state.holders.push_back(
            {holder["pid"].toInteger(), holder["start_time"].toInteger(), int(holder["count"].toInteger())});
    return state;
}

GovernorFile::GovernorFile(QString path)
    : m_self{getpid(), startTimeOf(getpid()), 0}
{
    if (store::makePrivateFolder(path.section(u'/', 0, -2)))
        m_fd = ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

GovernorFile::~GovernorFile()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

GovernorState
GovernorFile::update(const std::function<void(GovernorState &state, const GovernorState::Holder &self)> &change)
{
    if (m_fd < 0 || ::flock(m_fd, LOCK_EX) != 0) {
        change(m_own, m_self);
        return m_own;
    }
    QByteArray text(64 * 1024, Qt::Uninitialized);
    text.truncate(std::max<ssize_t>(0, ::pread(m_fd, text.data(), size_t(text.size()), 0)));
    GovernorState state = decodeGovernorState(text);
    std::erase_if(state.holders, [this](const GovernorState::Holder &holder) {
        return holder.pid != m_self.pid && startTimeOf(holder.pid) != holder.startTime;
    });
    change(state, m_self);
    const QByteArray changed = encode(state);
    if (::pwrite(m_fd, changed.constData(), size_t(changed.size()), 0) == changed.size())
        std::ignore = ::ftruncate(m_fd, changed.size());
    ::flock(m_fd, LOCK_UN);
    return state;
}

QString governorPath(const QString &runtimeFolder, const QString &host, const QByteArray &key)
{
    const QByteArray hash = QCryptographicHash::hash(key + '\0' + host.toUtf8(), QCryptographicHash::Sha256);
    return runtimeFolder + "/governor/"_L1 + QString::fromLatin1(hash.toHex().first(32));
}

} // namespace nightshift::batch
