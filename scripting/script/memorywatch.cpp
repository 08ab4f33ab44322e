#include "script/memorywatch.h"
#include <QByteArray>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <sys/resource.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::script {

namespace {

constexpr auto lookedEvery = 25ms; // a script that only allocates comes to some 50 MB in that time
constexpr auto patience = 5s;      // with a script that is told to stop; what it is in may take that long
constexpr int scriptFailed = 70;   // EX_SOFTWARE

/// Pages that the process holds and shares with no file. Source: proc_pid_statm(5).
qint64 heldBytes()
{
    char text[128] = {};
    const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    const ssize_t count = file < 0 ? -1 : ::read(file, text, sizeof text - 1);
    if (file >= 0)
        ::close(file);
    long long all = 0, resident = 0, shared = 0;
    if (count <= 0 || std::sscanf(text, "%lld %lld %lld", &all, &resident, &shared) != 3)
        return 0;
    return (resident - shared) * ::sysconf(_SC_PAGESIZE);
}

} // namespace

qint64 usualMemoryBytes()
{
    qint64 bytes = qint64(2) << 30;
    if (const long pages = ::sysconf(_SC_PHYS_PAGES); pages > 0)
        bytes = std::min(bytes, qint64(pages) * ::sysconf(_SC_PAGESIZE) / 2);
    rlimit space{};
    if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
        bytes = std::min(bytes, qint64(space.rlim_cur) / 3 * 2);
    return bytes;
}

MemoryWatch::MemoryWatch(qint64 bytes, std::function<void()> exceeded)
    : m_bytes(bytes)
    , m_exceeded(std::move(exceeded))
    , m_thread([this] { run(); })
{}

MemoryWatch::~MemoryWatch()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isOver = true;
    }
    m_change.notify_all();
    m_thread.join();
}

QString MemoryWatch::sentence(qint64 bytes)
{
    return u"the script's process holds more than %1 MiB of memory"_s.arg(bytes >> 20);
}

void MemoryWatch::insist()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isInsisting = true;
    }
    m_change.notify_all();
}

void MemoryWatch::run()
{
    const QByteArray farewell = "Error: " + sentence(m_bytes).toUtf8() + ", and cannot be stopped in good order\n";
    std::optional<std::chrono::steady_clock::time_point> end;
    bool isExceeded = false;
    for (std::unique_lock lock(m_mutex); !m_isOver; m_change.wait_for(lock, lookedEvery)) {
        if (m_isInsisting && !end)
            end = std::chrono::steady_clock::now() + patience;
        const qint64 held = heldBytes();
        if (held > m_bytes / 2 * 3 || (end && std::chrono::steady_clock::now() > *end)) {
            std::ignore = ::write(STDERR_FILENO, farewell.constData(), size_t(farewell.size()));
            ::_exit(scriptFailed);
        }
        if (held > m_bytes && !std::exchange(isExceeded, true))
            m_exceeded();
    }
}

} // namespace nightshift::script
