#include "home.h"
#include "config/sightings.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::config {

Result<Home> resolveHome(const Environment &environment)
{
    for (const QString &variable : {u"NIGHTSHIFT_HOME"_s, u"CODEX_HOME"_s}) {
        const QString named = environment.value(variable);
        if (named.isEmpty())
            continue;
        noteSight(named);
        const QFileInfo folder(named);
        if (!folder.exists())
            return fail(Error::Kind::NotFound,
                        u"%1 points to \"%2\", but that path does not exist"_s.arg(variable, named));
        if (!folder.isDir())
            return fail(Error::Kind::Invalid, u"%1 points to \"%2\", but that is not a folder"_s.arg(variable, named));
        const QString path = folder.canonicalFilePath();
        return Home{.config = path, .state = path};
    }
    const QString user = firstSet(environment, {u"HOME"_s});
    const QString home = user.isEmpty() ? QDir::homePath() : user;
    const auto xdg = [&](const QString &variable, const QString &otherwise) {
        const QString named = environment.value(variable); // the XDG rules: a relative path counts as unset
        return (QDir::isAbsolutePath(named) ? named : home + otherwise) + u"/nightshift"_s;
    };
    const Home own{.config = xdg(u"XDG_CONFIG_HOME"_s, u"/.config"_s),
                   .state = xdg(u"XDG_STATE_HOME"_s, u"/.local/state"_s)};
    const QString theirs = home + u"/.codex"_s;
    for (const QString &folder : {own.config, own.state, theirs})
        noteSight(folder);
    if (!QFileInfo::exists(own.config) && !QFileInfo::exists(own.state) && QFileInfo(theirs).isDir())
        return Home{.config = theirs, .state = theirs, .adopted = true};
    return own;
}

} // namespace nightshift::config
