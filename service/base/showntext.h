#pragma once
#include <QByteArray>
#include <QString>

namespace nightshift {

/// Text that others wrote, on its way to somebody's eyes or to a log that a machine reads along.

enum class Colors { Drop, Keep };

/// For a terminal: control characters and escape sequences are dropped (they can move the cursor, set the clipboard,
/// answer for the user), line ends become '\n', and characters that turn the order of others around, or hide text, are
/// shown as <U+202E>. With Colors::Keep, colours and weights stay, and end with the text. Under a CI runner the text is
/// guarded(), too.
QString printable(QStringView text, Colors colors = Colors::Drop);

/// For what a person decides by, such as a command, a path or a name: whatever has no shape of its own is shown as
/// <U+200B>, control characters too, but for '\n' and tab. Guarded as printable().
QString revealed(QStringView text);

/// Whether the character turns the order of its neighbours around, or is invisible. `all` also counts those that
/// languages and emoji need, such as joiners and direction marks.
bool isDeceptive(char32_t c, bool all);

/// A program that runs jobs and obeys lines of their output. Source of the forms: the runners' own documentation of
/// workflow commands (GitHub, Gitea), logging commands (Azure), service messages (TeamCity), sections (GitLab), groups
/// (Buildkite) and folds (Travis).
struct Runner
{
    bool isThere = false;
    bool groupsByDashes = false; ///< Lines that begin with ---, +++, ~~~ or ^^^ mean something to it.
    bool operator==(const Runner &) const = default;
};

/// The one that this process's environment tells of.
const Runner &runner();
/// `has` tells whether an environment variable is set.
template <typename Has>
Runner runnerOf(const Has &has);

/// The text without anything that a runner obeys: `| ` comes before a line that begins as a command, and a blank
/// between the words of a mark that counts anywhere (`##vso[` becomes `##vso [`). All other text stays as it is. Lines
/// end at everything that any reader takes for a line end.
QString guarded(const QString &text, const Runner &runner);
QByteArray guarded(const QByteArray &utf8, const Runner &runner);

/// JSON text that means the same afterwards, for a runner's log and for a terminal: marks within its strings, and there
/// also controls and deceptive characters, are written with an escape.
enum class Reader { Program, Terminal };
QByteArray shownJson(const QByteArray &json, Reader reader, const Runner &runner = nightshift::runner());

template <typename Has>
Runner runnerOf(const Has &has)
{
    Runner found;
    for (const char *name :
         {"GITHUB_ACTIONS", "GITEA_ACTIONS", "FORGEJO_ACTIONS", "GITLAB_CI", "TF_BUILD", "TEAMCITY_VERSION",
          "BUILDKITE", "APPVEYOR", "DRONE", "CIRCLECI", "TRAVIS", "JENKINS_URL", "BITBUCKET_BUILD_NUMBER",
          "CODEBUILD_BUILD_ID", "SEMAPHORE", "WOODPECKER", "CIRRUS_CI", "bamboo_buildKey", "CI"})
        found.isThere = found.isThere || has(name);
    found.groupsByDashes = has("BUILDKITE");
    return found;
}

} // namespace nightshift
