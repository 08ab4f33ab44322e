#pragma once
#include <QProcess>
#include <sys/resource.h>

namespace nightshift::test {

struct Written
{
    int code = -1;
    QByteArray said;
    bool operator==(const Written &) const = default;
};

/// Has the helper's `write` mode carry out `edits`; no file of its may exceed `maxFileBytes`.
inline Written writeFiles(const QByteArray &edits, rlim_t maxFileBytes = RLIM_INFINITY)
{
    QProcess writer;
    writer.setChildProcessModifier([maxFileBytes] {
        const rlimit limit{maxFileBytes, maxFileBytes};
        setrlimit(RLIMIT_FSIZE, &limit);
    });
    writer.start(QStringLiteral(SANDBOX_HELPER), {QStringLiteral("write")});
    writer.write(edits);
    writer.closeWriteChannel();
    writer.waitForFinished();
    return {writer.exitStatus() == QProcess::NormalExit ? writer.exitCode() : -1, writer.readAllStandardOutput()};
}

} // namespace nightshift::test
