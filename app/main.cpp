#include "app/completion.h"
#include "app/execcommand.h"
#include "app/exitcodes.h"
#include "app/help.h"
#include "app/stdoutwriter.h"
#include <QCoreApplication>
#include <csignal>

using namespace nightshift;
using namespace nightshift::app;

namespace {

int print(const QString &text)
{
    return writeFully(1, text.toUtf8()) == 0 ? int(ExitCode::Success) : int(ExitCode::OutputGone);
}

int refuse(const QString &message, int exitCode)
{
    writeFully(2, message.toUtf8() + '\n');
    return exitCode;
}

int run(app::CommandLine command)
{
    return std::visit(Overloaded{
                          [](ExecOptions &options) { return ExecCommand(std::move(options)).run(); },
                          [](Help &help) { return print(helpText(help.command)); },
                          [](Version &) { return print(versionText()); },
                          [](CompletionOptions &options) { return print(completionScript(options.shell)); },
                          [](auto &) { return refuse(QStringLiteral("error: not there yet"), 2); },
                      },
                      command);
}

} // namespace

int main(int argc, char **argv)
{
    openMissingStandardStreams();
    std::signal(SIGPIPE, SIG_IGN);
    qputenv("QT_NO_GLIB", "1"); // glib's event loop brings its library and nothing that we use
    QCoreApplication application(argc, argv);
    const auto words = argumentWords(argc, argv);
    if (!words)
        return refuse(words.error().message, words.error().exitCode);
    auto command = parseCommandLine(*words);
    if (!command)
        return refuse(command.error().message, command.error().exitCode);
    return run(std::move(*command));
}
