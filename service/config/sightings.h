#pragma once
#include <QString>
#include <vector>

namespace nightshift::config {

/// Files and folders as they were, or were not, when something was made of them.
class Sightings
{
public:
    enum class Of { File, Names }; ///< Names: what a folder holds.
    void note(const QString &path, Of of);
    /// Whether all are as they were; never so while one was changed too shortly before for its time to tell.
    bool hold() const;

private:
    struct Sighting
    {
        QByteArray path;
        Of of = Of::File;
        quint64 device = 0; ///< All 0 when there was none.
        quint64 inode = 0;
        qint64 size = 0;
        qint64 modified = 0; ///< Nanoseconds since 1970.
        qint64 changed = 0;  ///< The same; the file system's own, which nobody sets.
        bool operator==(const Sighting &) const = default;
    };
    static Sighting look(const QByteArray &path, Of of);

    std::vector<Sighting> m_all;
    bool m_isSettled = true;
};

/// While it lives, what this thread makes of files, as far as noteSight() tells of them, is noted there.
class Watch
{
public:
    explicit Watch(Sightings &sightings);
    ~Watch();
    Watch(const Watch &) = delete;
    Watch &operator=(const Watch &) = delete;
};

/// To be called before a file, or that there is none, makes a difference.
void noteSight(const QString &path, Sightings::Of of = Sightings::Of::File);

} // namespace nightshift::config
