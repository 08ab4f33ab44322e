#include "sandbox/arguments.h"
#include "sandbox/init.h"
#include "sandbox/overlay.h"
#include "sandbox/run.h"
#include "sandbox/writefiles.h"
#include <cstdio>
#include <string_view>

using namespace nightshift::sandbox;

int main(int argc, char **argv)
{
    const std::string_view mode = argc > 1 ? argv[1] : "";
    if (mode == "write") // inside a sandbox, as the command of a run
        return writeFiles(0);
    if (mode == "overlay")
        return runInOverlay(argv + 2);
    if (mode != "run" && mode != "init") {
        fprintf(stderr, "nightshift-sandbox is a part of nightshift; expected run, init, write or overlay\n");
        return 2;
    }
    Arguments arguments;
    std::string mistake;
    if (!parse(argv + 2, arguments, mistake)) {
        fprintf(stderr, "nightshift-sandbox: %s\n", mistake.c_str());
        return neverRanCode;
    }
    return mode == "init" ? init(arguments) : run(arguments);
}
