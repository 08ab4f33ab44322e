#include "gitattempt.h"
#include <QDeadlineTimer>

using namespace std::chrono_literals;

namespace nightshift::isolation {

constexpr auto patience = 10min;
constexpr qsizetype mostOutput = 1LL << 30; // of a patch, which is held in memory
constexpr qsizetype mostWords = 1 << 16;

GitAttempt attemptGit(const tools::Sandbox &sandbox, const tools::AttachedProcess::Options &options,
                      const QByteArray &input)
{
    tools::AttachedProcess git(nullptr);
    QProcess &process = git.process();
    git.start(sandbox, options);
    process.write(input);
    process.closeWriteChannel();
    GitAttempt made;
    const auto drain = [&] {
        made.out += process.readAllStandardOutput();
        made.errors += process.readAllStandardError();
        made.errors = made.errors.last(qMin(made.errors.size(), mostWords));
        return made.out.size() <= mostOutput;
    };
    const QDeadlineTimer deadline(patience);
    while (process.state() != QProcess::NotRunning && drain() && !deadline.hasExpired()) {
        constexpr int aMoment = 100; // ms; both return as soon as there is something
        if (!process.waitForReadyRead(aMoment))
            process.waitForFinished(aMoment);
    }
    if (process.error() == QProcess::FailedToStart) {
        made.neverRan = process.errorString();
        return made;
    }
    made.isCutOff = process.state() != QProcess::NotRunning || !drain();
    git.kill();
    if (made.isCutOff)
        process.waitForFinished();
    made.isFine = !made.isCutOff && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    made.neverRan = made.isCutOff ? std::nullopt : git.whyNeverRan(QString::fromLocal8Bit(made.errors));
    return made;
}

} // namespace nightshift::isolation
