#include "sandbox/sparefiles.h"
#include <algorithm>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <unistd.h>

namespace nightshift::sandbox {

namespace {

constexpr std::string_view mark = ".nightshift-";
constexpr std::string_view pattern = "XXXXXX";

template <typename Visit>
void eachName(const std::string &folder, Visit visit)
{
    DIR *open = opendir(folder.c_str());
    while (const dirent *entry = open ? readdir(open) : nullptr) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            visit(name);
    }
    if (open)
        closedir(open);
}

/// Waits for another of us that clears the folder, which takes milliseconds. A command may hold the lock for ever: then
/// we go on without it.
void shareLock(int lock)
{
    for (int tries = 0; tries < 100 && flock(lock, LOCK_SH | LOCK_NB) != 0; ++tries)
        usleep(10'000);
}

/// Made by mkstemp(), or the second name of a file that was about to be replaced.
bool isForgotten(std::string_view name)
{
    if (!name.starts_with(mark))
        return false;
    name.remove_prefix(mark.size());
    return name.size() == pattern.size() || (name.size() == pattern.size() + 1 && name.ends_with('~'));
}

} // namespace

SpareFiles::~SpareFiles()
{
    for (const auto &[folder, lock] : m_locks)
        close(lock);
}

std::string SpareFiles::nameBeside(const std::string &target)
{
    const size_t slash = target.rfind('/');
    const std::string folder = slash == 0 ? "/" : target.substr(0, slash);
    if (!std::ranges::contains(m_locks, folder, &std::pair<std::string, int>::first)) {
        const int lock = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0) {
            eachName(folder, [&](std::string_view name) {
                if (isForgotten(name))
                    unlink((folder + '/' + std::string(name)).c_str());
            });
        }
        if (lock >= 0) {
            shareLock(lock);
            m_locks.emplace_back(folder, lock);
        }
    }
    return folder + '/' + std::string(mark) + std::string(pattern);
}

bool SpareFiles::make(const std::string &target, std::string &name, int &fd)
{
    name = nameBeside(target);
    fd = mkostemp(name.data(), O_CLOEXEC);
    return fd >= 0;
}

bool SpareFiles::makeFolder(const std::string &target, std::string &name)
{
    name = nameBeside(target);
    return mkdtemp(name.data()) != nullptr;
}

bool SpareFiles::areAllIn(const std::string &folder)
{
    bool all = true;
    eachName(folder, [&](std::string_view name) { all = all && name.starts_with(mark); });
    return all;
}

void SpareFiles::removeAll(const std::string &folder)
{
    eachName(folder, [&](std::string_view name) {
        const std::string path = folder + '/' + std::string(name);
        if (name.starts_with(mark) && unlink(path.c_str()) != 0)
            removeAll(path);
    });
    rmdir(folder.c_str());
}

} // namespace nightshift::sandbox
