#include "authfile.h"
#include "base/boundedfile.h"
#include "base/jsonreader.h"
#include "config/sightings.h"
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <filesystem>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

QString authPath(const QString &configHome)
{
    return configHome + u"/auth.json"_s;
}

/// Creates the folder and its missing parents for this user alone.
bool makePrivateFolder(const QString &path)
{
    if (QFileInfo(path).isDir())
        return true;
    std::error_code failed;
    const std::filesystem::path folder = path.toStdString();
    std::filesystem::create_directories(folder, failed);
    if (!failed)
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
    return !failed;
}

} // namespace

StoredLogin readLogin(const QString &configHome)
{
    noteSight(authPath(configHome));
    const auto text = readBounded(authPath(configHome), fileuse::credentials);
    if (!text)
        return {};
    const auto document = JsonDocument::parse(*text);
    if (!document)
        return {};
    const JsonView root = document->root();
    return {.apiKey = Secret(root["OPENAI_API_KEY"].utf8().toByteArray()), .chatGpt = root["tokens"].isObject()};
}

Result<> writeLogin(const QString &configHome, const Secret &apiKey)
{
    const QByteArray key = apiKey.reveal().trimmed();
    if (key.isEmpty())
        return fail(Error::Kind::Invalid, u"the key is empty: pipe it into standard input"_s);
    if (!makePrivateFolder(configHome))
        return fail(Error::Kind::Denied, u"the folder %1 cannot be created"_s.arg(configHome));
    QSaveFile file(authPath(configHome));
    const RawJson json = json::object({{"auth_mode", "apikey"}, {"OPENAI_API_KEY", key}});
    if (!file.open(QIODevice::WriteOnly) || !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner) ||
        file.write(json.text + '\n') < 0 || !file.commit())
        return fail(Error::Kind::Denied, u"%1 cannot be written: %2"_s.arg(file.fileName(), file.errorString()));
    return {};
}

Result<bool> removeLogin(const QString &configHome)
{
    QFile file(authPath(configHome));
    if (!file.exists())
        return false;
    if (!file.remove())
        return fail(Error::Kind::Denied, u"%1 cannot be removed: %2"_s.arg(file.fileName(), file.errorString()));
    return true;
}

} // namespace nightshift::config
