#include "filters.h"
#include "sandbox/broker.h"
#include "sandbox/contained.h"
#include "sandbox/landlock.h"
#include "sandbox/spawn.h"
#include <cerrno>
#include <cstring>
#include <linux/filter.h>
#include <optional>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nightshift::sandbox {

namespace {

template <size_t size>
sock_fprog program(const unsigned char (&filter)[size])
{
    return {.len = size / sizeof(sock_filter),
            .filter = const_cast<sock_filter *>(reinterpret_cast<const sock_filter *>(filter))};
}

sock_fprog filterFor(bool online, bool opensForReading)
{
    if (opensForReading)
        return online ? program(bareOnlineReadingFilter) : program(bareOfflineReadingFilter);
    return online ? program(bareOnlineFilter) : program(bareOfflineFilter);
}

Spawn commandOf(const Arguments &arguments, int input, int group)
{
    return {.argv = arguments.command.data(),
            .input = input,
            .output = arguments.tty ? input : -1,
            .errors = arguments.inheritStdin ? -1 : 1,
            .terminal = arguments.tty != nullptr,
            .folder = arguments.folder,
            .limits = &arguments,
            .group = group};
}

class InLandlock final : public Contained
{
public:
    explicit InLandlock(const Arguments &arguments)
        : m_arguments(arguments)
    {}
    bool start(int input) override;
    int listener() const override { return m_listener; }
    bool serve() override { return m_broker->serve(m_listener); }

private:
    const Arguments &m_arguments;
    std::optional<Broker> m_broker;
    int m_listener = -1;
};

bool InLandlock::start(int input)
{
    m_mistake = whyNoLandlock();
    if (!m_mistake.empty())
        return false;
    Places places;
    m_isFinal = true;
    for (const char *root : m_arguments.roots) {
        if (!places.addRoot(root, m_arguments.guardedNames, m_mistake))
            return false;
    }
    for (const char *path : m_arguments.hidden)
        places.hide(path);
    m_isFinal = false;
    int pair[2] = {-1, -1};
    const int rules = landlockRules(m_arguments, places);
    if (rules < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        m_mistake = std::string("Landlock: ") + strerror(errno);
        return false;
    }
    const sock_fprog filter = filterFor(m_arguments.online, places.opensForReading());
    bool isUnrestricted = false;
    m_count.limit(m_arguments.processes);
    Spawn child = commandOf(m_arguments, input, m_count.entrance());
    child.rules = rules;
    child.filter = &filter;
    child.handover = pair[1];
    m_pid = spawn(child, &isUnrestricted);
    if (isUnrestricted) {
        m_mistake = std::string("Landlock and the system call filter: ") + strerror(-m_pid);
        return false;
    }
    m_listener = takeListener(pair[0]);
    close(pair[0]);
    close(pair[1]);
    close(rules);
    dropCapabilities(); // the broker must not be able to do more than the command
    umask(0);           // each call comes with its caller's
    m_broker.emplace(std::move(places));
    return true;
}

class Bare final : public Contained
{
public:
    explicit Bare(const Arguments &arguments)
        : m_arguments(arguments)
    {}
    bool start(int input) override
    {
        m_count.limit(m_arguments.processes);
        m_pid = spawn(commandOf(m_arguments, input, m_count.entrance()));
        return true;
    }

private:
    const Arguments &m_arguments;
};

} // namespace

std::unique_ptr<Contained> inLandlock(const Arguments &arguments)
{
    return arguments.landlock ? std::make_unique<InLandlock>(arguments) : nullptr;
}

std::unique_ptr<Contained> bare(const Arguments &arguments)
{
    const bool isAsked = arguments.wrapper.empty() && !arguments.landlock;
    return isAsked ? std::make_unique<Bare>(arguments) : nullptr;
}

} // namespace nightshift::sandbox
