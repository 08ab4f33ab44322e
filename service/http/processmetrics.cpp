#include "http/metrics.h"
#include <QDir>
#include <QFile>
#include <sys/resource.h>
#include <unistd.h>

namespace nightshift::http {

static QByteArray readAll(const char *path)
{
    QFile file(QLatin1StringView{path});
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The second the machine was started.
static qint64 bootTime()
{
    const QByteArray text = readAll("/proc/stat");
    const qsizetype at = text.indexOf("\nbtime ");
    return at < 0 ? 0 : text.sliced(at + 7).split('\n')[0].toLongLong();
}

QByteArray processMetrics()
{
    // What follows the name of the program, which may hold spaces. Source: proc_pid_stat(5)
    const QByteArray stat = readAll("/proc/self/stat");
    const QByteArrayList fields = stat.sliced(stat.lastIndexOf(')') + 1).trimmed().split(' ');
    const auto field = [&](int number) { return fields.value(number - 3).toDouble(); };
    const double ticks = double(::sysconf(_SC_CLK_TCK));
    rlimit files = {};
    ::getrlimit(RLIMIT_NOFILE, &files);
    const qsizetype open = QDir(QStringLiteral("/proc/self/fd")).entryList(QDir::Files | QDir::System).size();

    QByteArray text;
    const auto add = [&text](const QByteArray &name, const char *type, const char *help, double value) {
        text += "# HELP " + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n' + name + ' ' +
                QByteArray::number(value, 'f', value < 1e6 && value != qint64(value) ? 2 : 0) + '\n';
    };
    add("process_cpu_seconds_total", "counter", "CPU time used.", (field(14) + field(15)) / ticks);
    add("process_virtual_memory_bytes", "gauge", "Address space.", field(23));
    add("process_resident_memory_bytes", "gauge", "Memory.", field(24) * double(::sysconf(_SC_PAGESIZE)));
    add("process_threads", "gauge", "Threads.", field(20));
    add("process_open_fds", "gauge", "Open files.", double(open));
    add("process_max_fds", "gauge", "Files that may be open.", double(files.rlim_cur));
    add("process_start_time_seconds", "gauge", "When it began, in seconds since 1970.",
        double(bootTime()) + field(22) / ticks);
    return text;
}

} // namespace nightshift::http
