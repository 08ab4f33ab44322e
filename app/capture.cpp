#include "capture.h"
#include "llm/capturingclient.h"
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// What variables hold whose names say that it is a key: the same that commands do not see.
void addKeysOfTheEnvironment(QByteArrayList &secrets)
{
    for (char **entry = environ; entry && *entry; ++entry) {
        const QByteArray variable(*entry);
        const qsizetype split = variable.indexOf('=');
        const QByteArray name = variable.first(qMax<qsizetype>(split, 0)).toUpper();
        if (name.contains("KEY") || name.contains("SECRET") || name.contains("TOKEN"))
            secrets += variable.sliced(split + 1);
    }
}

} // namespace

QByteArrayList secretsOf(const Settings &settings)
{
    QByteArrayList secrets{settings.provider.key.reveal()};
    for (const auto &[name, value] : settings.provider.headers)
        secrets += value.toUtf8();
    for (const auto &[name, value] : settings.provider.queryParams)
        secrets += value.toUtf8();
    for (const McpServerSettings &server : settings.mcpServers)
        secrets += server.bearerToken.reveal();
    addKeysOfTheEnvironment(secrets);
    return secrets;
}

Result<std::unique_ptr<llm::HttpClient>> captured(std::unique_ptr<llm::HttpClient> client, const Settings &settings)
{
    const QString folder = qEnvironmentVariable("NIGHTSHIFT_CAPTURE");
    if (folder.isEmpty())
        return client;
    return llm::CapturingClient::create(std::move(client), folder, secretsOf(settings));
}

} // namespace nightshift::app
