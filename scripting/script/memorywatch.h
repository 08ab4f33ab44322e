#pragma once
#include <QString>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace nightshift::script {

/// How much memory a script's process may hold when nobody said: 2 GiB, half of what the machine has, or two thirds of
/// what the process may have, whichever is least.
qint64 usualMemoryBytes();

/// Looks at the memory of this process, which the engine neither bounds nor runs out of in good order, on a thread of
/// its own: neither the script's nor the owner's need be alive.
class MemoryWatch
{
public:
    /// `exceeded` is called once, on the watch's thread, when the process holds more than `bytes`. When it comes to
    /// half as much again, the process ends with exit code 70 and a sentence on stderr.
    MemoryWatch(qint64 bytes, std::function<void()> exceeded);
    ~MemoryWatch();

    /// For people.
    static QString sentence(qint64 bytes);
    /// From now on the process ends in a few seconds unless the watch goes before: the script cannot be stopped.
    void insist();

private:
    void run();

    const qint64 m_bytes;
    const std::function<void()> m_exceeded;
    std::mutex m_mutex;
    std::condition_variable m_change;
    bool m_isOver = false;
    bool m_isInsisting = false;
    std::thread m_thread; ///< Last: it uses the others.
};

} // namespace nightshift::script
