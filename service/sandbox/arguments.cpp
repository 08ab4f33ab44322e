#include "sandbox/arguments.h"
#include "sandbox/number.h"
#include <string_view>

namespace nightshift::sandbox {

static bool takeNumber(std::string_view option, const char *value, Arguments &a)
{
    const struct
    {
        std::string_view name;
        long long *value;
    } numbers[] = {{"--input-bytes", &a.inputBytes}, {"--wall-ms", &a.wallMs},      {"--cpu-seconds", &a.cpuSeconds},
                   {"--memory", &a.memoryBytes},     {"--processes", &a.processes}, {"--file-size", &a.fileSizeBytes}};
    for (const auto &entry : numbers) {
        if (entry.name == option) {
            *entry.value = toNumber<long long>(value);
            return true;
        }
    }
    return false;
}

static bool takeValue(std::string_view option, const char *value, Arguments &a)
{
    if (option == "--stdin")
        a.inheritStdin = std::string_view(value) == "inherit";
    else if (option == "--lifeline")
        a.lifeline = toNumber(value);
    else if (option == "--network")
        a.online = std::string_view(value) == "online";
    else if (option == "--tty")
        a.tty = value;
    else if (option == "--cwd")
        a.cwd = value;
    else if (option == "--root")
        a.roots.push_back(value);
    else if (option == "--guard")
        a.guardedNames.push_back(value);
    else if (option == "--hide")
        a.hidden.push_back(value);
    else if (option == "--show")
        a.shown.push_back(value);
    else if (option == "--hide-socket")
        a.sockets.push_back(value);
    else if (option == "--control")
        a.control = toNumber(value);
    else if (option == "--terminal")
        a.terminal = std::string_view(value) == "yes";
    else if (option == "--mounted")
        a.mounted = std::string_view(value) == "yes";
    else if (option == "--cwd-is")
        a.cwdIs = value;
    else if (option == "--errors")
        a.errors = toNumber(value);
    else if (option == "--landlock")
        a.landlock = std::string_view(value) == "yes";
    else
        return takeNumber(option, value, a);
    return true;
}

bool parse(char **argv, Arguments &arguments, std::string &mistake)
{
    const auto isEnd = [](const char *word) { return std::string_view(word) == "--"; };
    for (; *argv && !isEnd(*argv); argv += 2) {
        if (!argv[1] || !takeValue(argv[0], argv[1], arguments)) {
            mistake = std::string("unknown option or missing value: ") + argv[0];
            return false;
        }
    }
    if (*argv)
        ++argv;
    for (; *argv && !isEnd(*argv); ++argv)
        arguments.wrapper.push_back(*argv);
    if (*argv)
        ++argv;
    for (; *argv; ++argv)
        arguments.command.push_back(*argv);
    if (arguments.command.empty()) {
        mistake = "no command: expected [options] -- [wrapper] -- command";
        return false;
    }
    arguments.command.push_back(nullptr); // as exec wants it
    return true;
}

} // namespace nightshift::sandbox
