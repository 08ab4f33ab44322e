#pragma once
#include "sandbox/arguments.h"
#include "sandbox/processcount.h"
#include <memory>
#include <sys/types.h>

namespace nightshift::sandbox {

/// One way to run a command, from its start until nothing of it is left.
class Contained
{
public:
    virtual ~Contained() = default;

    /// Starts it with `input` as its stdin (-1: our own). False: the sandbox cannot be had, see mistake().
    virtual bool start(int input) = 0;
    /// Our child; minus the errno when the command itself could not be started.
    pid_t pid() const { return m_pid; }
    /// Where control words go; -1 when signals reach the command.
    virtual int control() const { return -1; }
    /// What to poll for serve(); -1 for nothing.
    virtual int listener() const { return -1; }
    /// Answers what the listener has; false when there will be no more.
    virtual bool serve() { return false; }
    /// Frees what was held for the command; nothing of it is alive.
    virtual void release() {}
    /// After the end: whether the command was ever run.
    virtual bool hasStood() { return true; }
    /// Why not.
    const std::string &mistake() const { return m_mistake; }
    /// Whether the reason lies in the files, so that no other sandbox could be better.
    bool isFinal() const { return m_isFinal; }

protected:
    ProcessCount m_count;
    pid_t m_pid = -1;
    std::string m_mistake;
    bool m_isFinal = false;
};

/// Null where the arguments do not ask for it. The arguments must outlive it.
std::unique_ptr<Contained> inBubblewrap(const Arguments &arguments);
std::unique_ptr<Contained> inLandlock(const Arguments &arguments);
std::unique_ptr<Contained> bare(const Arguments &arguments);

} // namespace nightshift::sandbox
