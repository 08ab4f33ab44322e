#pragma once
#include <string>

namespace nightshift::sandbox {

/// A control group that bounds the processes of one command: the kernel exempts root from RLIMIT_NPROC.
/// Where none can be made (a container without the right, another user) there is no bound for root.
class ProcessCount
{
public:
    ProcessCount() = default;
    ProcessCount(const ProcessCount &) = delete;
    ProcessCount &operator=(const ProcessCount &) = delete;
    /// Removes the group, which must be empty by then.
    ~ProcessCount();

    /// For at most so many processes.
    void limit(long long processes);
    /// Who writes "0" there belongs to the group from then on; -1 when there is none.
    int entrance() const { return m_entrance; }

private:
    bool make(const std::string &parent, long long processes);

    std::string m_folder;
    int m_entrance = -1;
};

} // namespace nightshift::sandbox
