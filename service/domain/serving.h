#pragma once
#include "base/result.h"
#include <QStringList>
#include <chrono>
#include <functional>

namespace nightshift {

namespace engine {
struct Surroundings;
}

/// What the HTTP service is told when it starts.
struct ServiceSettings
{
    QStringList listen;         ///< HOST:PORT each. None: the Unix socket, unless systemd gave us sockets.
    QString socketPath;         ///< Of the Unix socket.
    QStringList allowedHosts;   ///< Names it may be called by, beside localhost and what it listens on.
    QStringList allowedOrigins; ///< Whose pages may ask, beside its own.
    QStringList roots;          ///< Folders that sessions may work in.
    QString tlsCertPath;        ///< With tlsKeyPath: TCP clients speak TLS.
    QString tlsKeyPath;
    bool withoutTokens = false; ///< Refused unless every listening socket is a Unix socket.
    std::chrono::milliseconds heartbeat = std::chrono::seconds(15); ///< Of silent event streams.
    std::chrono::milliseconds drain = std::chrono::seconds(60);     ///< For turns to end when the service stops.
    bool publicMetrics = false;                                     ///< /metrics without a token.
    bool audit = false;                                             ///< Each line of a log proves the one before.
    bool tellsPage = false;     ///< Says where the page is, with the token that was made.
    QStringList webhookTargets; ///< Hosts and networks beyond loopback and the public ones.
    QString tokensPath;         ///< tokens.json; need not exist.
    QString madeTokenPath;      ///< Where a token is kept that is made when there is no other.
    QString stateFolder;        ///< Private to this user; for what must outlive a restart.
    QString sharedFolder;       ///< What processes tell each other until the machine is started again.
    QStringList batchCommand;   ///< A program and its first words, that run the batch whose folder is their last.
    QByteArray batchHooks;      ///< What it is told of the hooks: members of a JSON object, a comma in front of each.
};

/// What it tells meanwhile.
struct ServiceCallbacks
{
    std::function<void(const QString &line)> say;
    std::function<void()> stopped; ///< Once, after stop().
};

/// The service while it runs; deleting it ends it at once.
class RunningService
{
public:
    virtual ~RunningService() = default;
    /// Reads its files again: the certificate, and the tokens.
    virtual void reload() = 0;
    /// Takes no more work, finishes what is under way, then calls `stopped`.
    virtual void stop() = 0;
};

/// What the module `nightshift-http` exports. Null when the service cannot start; `error` says why.
using StartService = RunningService *(const ServiceSettings &settings, const engine::Surroundings &surroundings,
                                      const ServiceCallbacks &callbacks, Error *error);
constexpr const char *startServiceSymbol = "nightshiftStartService";

/// What `serve token` says.
struct TokenAnswer
{
    QString out; ///< To stdout: of `add` the token and nothing else.
    QString err = {};
};
/// `serve token WORDS`.
using ChangeTokens = Result<TokenAnswer>(const QStringList &words, const QString &tokensPath);
constexpr const char *changeTokensSymbol = "nightshiftChangeTokens";

} // namespace nightshift
