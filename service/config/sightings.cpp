#include "sightings.h"
#include <QFile>
#include <algorithm>
#include <ctime>
#include <sys/stat.h>

namespace nightshift::config {

constexpr qint64 clockTick = 1'000'000'000; // more than any file system's time is behind; in nanoseconds

static thread_local Sightings *watched = nullptr;

static qint64 nanoseconds(const timespec &time)
{
    return qint64(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Sightings::Sighting Sightings::look(const QByteArray &path, Of of)
{
    Sighting sighting{.path = path, .of = of};
    struct stat status = {};
    if (::stat(path.constData(), &status) != 0)
        return sighting;
    sighting.device = status.st_dev;
    sighting.inode = status.st_ino;
    if (S_ISDIR(status.st_mode) && of == Of::File)
        return sighting; // what is in it is somebody else's business
    sighting.size = status.st_size;
    sighting.modified = nanoseconds(status.st_mtim);
    sighting.changed = nanoseconds(status.st_ctim);
    return sighting;
}

void Sightings::note(const QString &path, Of of)
{
    const Sighting sighting = look(QFile::encodeName(path), of);
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    // Something may be written to it now and leave all of this as it is.
    m_isSettled = m_isSettled && std::max(sighting.modified, sighting.changed) < nanoseconds(now) - clockTick;
    if (std::ranges::find(m_all, sighting.path, &Sighting::path) == m_all.end() || of == Of::Names)
        m_all.push_back(sighting);
}

bool Sightings::hold() const
{
    return m_isSettled &&
           std::ranges::all_of(m_all, [](const Sighting &then) { return look(then.path, then.of) == then; });
}

Watch::Watch(Sightings &sightings)
{
    watched = &sightings;
}

Watch::~Watch()
{
    watched = nullptr;
}

void noteSight(const QString &path, Sightings::Of of)
{
    if (watched)
        watched->note(path, of);
}

} // namespace nightshift::config
