#include "hookrunner/hookrunner.h"
#include <QCoreApplication>
#include <sys/resource.h>

/// nightshift-hookrunner FILE DEADLINE_MS; see HookRunner.
int main(int argc, char **argv)
{
    // The engine does not fail cleanly without memory, but fail it does; measured, it takes a script three seconds.
    const rlimit memory{rlim_t(1) << 30, RLIM_INFINITY}, core{0, 0};
    ::setrlimit(RLIMIT_AS, &memory);
    ::setrlimit(RLIMIT_CORE, &core);
    qputenv("QT_NO_GLIB", "1");
    QCoreApplication application(argc, argv);
    const QStringList words = QCoreApplication::arguments();
    nightshift::hookrunner::HookRunner runner(words.value(1), std::chrono::milliseconds(words.value(2).toInt()));
    runner.start();
    return QCoreApplication::exec();
}
