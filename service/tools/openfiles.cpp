#include "tools/openfiles.h"
#include <sys/resource.h>

namespace nightshift::tools {

static rlimit original{};

void raiseOpenFiles()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    original = limit;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

void restoreOpenFiles()
{
    if (original.rlim_max != 0)
        ::setrlimit(RLIMIT_NOFILE, &original);
}

} // namespace nightshift::tools
