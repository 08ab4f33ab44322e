#include "store/recording.h"
#include "support/loggenerator.h"
#include <QFile>
#include <cstdio>
#include <sys/resource.h>

using namespace nightshift;

static double cpuMs()
{
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);
    return double(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e3 +
           double(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e3;
}

/// readlog FILE [MEGABYTES]: writes a log of that size if MEGABYTES is given, else reads FILE and tells the cost.
int main(int argc, char **argv)
{
    const QString path = QString::fromLocal8Bit(argc > 1 ? argv[1] : "");
    if (argc > 2) {
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write(test::longLog(atoll(argv[2]) << 20)) > 0 ? 0 : 1;
    }
    const double before = cpuMs();
    const Result<store::Recording> recording = store::readRecording({}, path);
    const double spent = cpuMs() - before;
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);
    if (!recording)
        return std::fprintf(stderr, "%s\n", qPrintable(recording.error().message)), 1;
    std::printf("%zu items, %.1f ms CPU, peak %ld MB\n", recording->history.size(), spent, use.ru_maxrss >> 10);
}
