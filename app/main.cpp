#include "app/batchcommand.h"
#include "app/checkcommand.h"
#include "app/completion.h"
#include "app/doctor.h"
#include "app/drillcommand.h"
#include "app/execcommand.h"
#include "app/exitcodes.h"
#include "app/help.h"
#include "app/hookscommand.h"
#include "app/logging.h"
#include "app/logincommand.h"
#include "app/mcpcommand.h"
#include "app/sandboxcommand.h"
#include "app/servecommand.h"
#include "app/sessionscommand.h"
#include "app/stdoutwriter.h"
#include "config/describesettings.h"
#include <QCoreApplication>
#include <csignal>
#include <malloc.h>

using namespace nightshift;
using namespace nightshift::app;

namespace {

int print(const QString &text)
{
    return printText(text) == 0 ? int(ExitCode::Success) : int(ExitCode::OutputGone);
}

int refuse(const QString &message, int exitCode)
{
    sayLine(message);
    return exitCode;
}

int refuse(const StartError &error)
{
    return refuse(QStringLiteral("Error: ") + error.message, error.exitCode);
}

int runSandbox(const SandboxOptions &options)
{
    auto loaded = loadSettings(options.settings);
    if (!loaded)
        return refuse(loaded.error());
    Settings &settings = loaded->settings;
    settings.sandbox.networkAccess |= options.network;
    const Error error = runSandboxCommand(settings.sandbox, settings.commandLimits, settings.cwd, options.argv);
    return refuse({error.message});
}

int showConfig(const ConfigOptions &options)
{
    const auto loaded = loadSettings(options.settings);
    return loaded ? print(config::describeSettings(*loaded)) : refuse(loaded.error());
}

int check(const CheckCommandOptions &options)
{
    const auto checked = checkCommand(options);
    if (!checked)
        return refuse(checked.error());
    const int written = print(checked->sentence);
    return written != 0 || checked->mayRun ? written : int(ExitCode::Denied);
}

int run(app::CommandLine command)
{
    return std::visit(Overloaded{
                          [](ExecOptions &options) { return ExecCommand(std::move(options)).run(); },
                          [](Help &help) { return print(helpText(help.command)); },
                          [](Version &) { return print(versionText()); },
                          [](CompletionOptions &options) { return print(completionScript(options.shell)); },
                          [](SandboxOptions &options) { return runSandbox(options); },
                          [](ConfigOptions &options) { return showConfig(options); },
                          [](CheckCommandOptions &options) { return check(options); },
                          [](LoginOptions &options) { return runLogin(options); },
                          [](McpOptions &options) { return runMcp(options); },
                          [](DoctorOptions &options) { return runDoctor(options); },
                          [](SessionsOptions &options) { return runSessions(options); },
                          [](HooksOptions &options) { return runHooks(options); },
                          [](ServeOptions &options) { return runServe(options); },
                          [](BatchOptions &options) { return runBatch(options); },
                          [](DrillOptions &options) { return runDrill(std::move(options)); },
                      },
                      command);
}

} // namespace

int main(int argc, char **argv)
{
    openMissingStandardStreams();
    std::signal(SIGPIPE, SIG_IGN);
    // Blocks of half a megabyte go back to the system when freed; left alone, glibc would keep later ones for itself.
    mallopt(M_MMAP_THRESHOLD, 1 << 19);
    qputenv("QT_NO_GLIB", "1"); // glib's event loop brings its library and nothing that we use
    // Without a UTF-8 locale Qt takes C.UTF-8, as it should, and says so at length, which nobody asked.
    const QtMessageHandler usual =
        qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const QString &) {});
    QCoreApplication application(argc, argv);
    qInstallMessageHandler(usual);
    startLogging();
    const auto words = argumentWords(argc, argv);
    if (!words)
        return refuse(words.error().message, words.error().exitCode);
    auto command = parseCommandLine(*words);
    if (!command)
        return refuse(command.error().message, command.error().exitCode);
    return run(std::move(*command));
}
