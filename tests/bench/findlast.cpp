#include "base/ids.h"
#include "store/sessionfinder.h"
#include <QFile>
#include <cstdio>
#include <ctime>

using namespace nightshift;
using namespace Qt::StringLiterals;

static double cpuMs()
{
    return 1e3 * double(std::clock()) / CLOCKS_PER_SEC;
}

/// findlast STATE [COUNT]: writes an index of COUNT sessions into STATE if COUNT is given, and tells what reading it
/// back costs.
int main(int argc, char **argv)
{
    const QString state = QString::fromLocal8Bit(argc > 1 ? argv[1] : ".");
    const store::SessionIndex index(state);
    if (argc > 2) {
        if (!index.rebuild())
            return 1;
        for (int i = atoi(argv[2]); i > 0; --i) {
            const QString id = newId();
            (void)index.remember({.id = id,
                                  .path = u"sessions/2026/11/21/rollout-2026-11-21T01-52-48-"_s + id + u".jsonl"_s,
                                  .updated = i,
                                  .provider = u"openai"_s,
                                  .cwd = u"/home/someone/project-"_s + QString::number(i % 50),
                                  .model = u"gpt-5.5"_s,
                                  .title = i % 10 ? u"Find out why the test fails"_s : u"Why does \"make\" fail?"_s});
        }
    }
    double before = cpuMs();
    const size_t here = index.rows({u"openai"_s, u"/home/someone/project-7"_s}).size();
    std::printf("%zu rows of one folder, %.1f ms CPU\n", here, cpuMs() - before);
    before = cpuMs();
    const size_t newest = index.rows({.limit = 20}).size();
    std::printf("%zu newest rows, %.1f ms CPU\n", newest, cpuMs() - before);
    before = cpuMs();
    const std::vector<store::SessionRow> rows = index.rows();
    std::printf("%zu rows, %.1f ms CPU\n", rows.size(), cpuMs() - before);
}
