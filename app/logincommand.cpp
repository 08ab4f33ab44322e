#include "logincommand.h"
#include "app/settingflags.h"
#include "app/stdoutwriter.h"
#include "config/authfile.h"
#include <QFile>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

int say(const QString &sentence, int exitCode)
{
    sayLine(sentence);
    return exitCode;
}

int store(const QString &home)
{
    QFile in;
    if (!in.open(STDIN_FILENO, QIODevice::ReadOnly))
        return say(u"Error: stdin cannot be read: "_s + in.errorString(), 1);
    const QByteArray key = in.readAll().trimmed();
    if (key.isEmpty())
        return say(
            u"Error: no key on stdin; pipe it in, as in: printenv OPENAI_API_KEY | nightshift login --with-api-key"_s,
            1);
    const auto written = config::writeLogin(home, Secret(key));
    return written ? say(u"Stored the key in %1/auth.json"_s.arg(home), 0)
                   : say(u"Error: "_s + written.error().message, 1);
}

int remove(const QString &home)
{
    const auto removed = config::removeLogin(home);
    if (!removed)
        return say(u"Error: "_s + removed.error().message, 1);
    return say(*removed ? u"Removed the key"_s : u"There was no key"_s, 0);
}

int status(const QString &home)
{
    const bool loggedIn = !config::readLogin(home).apiKey.isEmpty();
    return loggedIn ? say(u"Logged in with an API key"_s, 0) : say(u"Not logged in"_s, 1);
}

} // namespace

int runLogin(const LoginOptions &options)
{
    const auto loaded = loadSettings(options.settings);
    if (!loaded)
        return say(u"Error: "_s + loaded.error().message, loaded.error().exitCode);
    const QString home = loaded->settings.home.config;
    switch (options.action) {
    case LoginOptions::Action::WithApiKey:
        return store(home);
    case LoginOptions::Action::Status:
        return status(home);
    case LoginOptions::Action::Logout:
        return remove(home);
    }
    Q_UNREACHABLE_RETURN(1);
}

} // namespace nightshift::app
