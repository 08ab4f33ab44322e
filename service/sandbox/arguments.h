#pragma once
#include <string>
#include <vector>

namespace nightshift::sandbox {

/// What `run` and `init` are asked to do. Absent limits are 0. With neither wrapper nor Landlock the command
/// runs bare.
struct Arguments
{
    bool inheritStdin = false; ///< Our stdin is the command's; else it is the lifeline, whose end means: kill all.
    int lifeline = -1;         ///< With inheritStdin: the descriptor that is the lifeline instead; -1 for none.
    long long inputBytes = 0;  ///< So many bytes precede the lifeline and become the command's stdin.
    const char *tty = nullptr; ///< The slave of a pseudo terminal for the command.
    const char *cwd = nullptr; ///< Absolute, without links.
    int folder = -1;           ///< That folder, once `run` has opened it.
    long long wallMs = 0;
    long long cpuSeconds = 0;
    long long memoryBytes = 0;
    long long processes = 0;
    long long fileSizeBytes = 0;
    bool online = false;                    ///< The network is the host's.
    std::vector<const char *> roots;        ///< Writable folders or files, shortest path first, canonical.
    std::vector<const char *> guardedNames; ///< Protected at the top of every root.
    std::vector<const char *> hidden;       ///< Folders that appear empty and files that appear as /dev/null.
    std::vector<const char *> shown;        ///< Inside hidden folders, and readable.
    std::vector<const char *> sockets;      ///< Hidden where Unix sockets can be had at all.
    std::vector<const char *> wrapper;      ///< bubblewrap and its fixed options.
    bool landlock = false;                  ///< What contains the command where there is no wrapper or it fails.
    std::vector<const char *> command;

    // What `run` tells `init`:
    int control = -1;            ///< Our end of the socket to the outer process.
    bool terminal = false;       ///< The command's stdin becomes its controlling terminal.
    int errors = -1;             ///< What becomes the command's stderr; until then it is bubblewrap's.
    bool mounted = false;        ///< We mount in its name space before it goes on.
    const char *cwdIs = nullptr; ///< Device and inode of the working folder.
};

/// Reads `[options] -- [wrapper…] -- command…`. On a mistake: false, and `mistake` says which.
bool parse(char **argv, Arguments &arguments, std::string &mistake);

} // namespace nightshift::sandbox
