#pragma once
#include "base/result.h"
#include <QStringList>
#include <functional>

namespace nightshift {

/// What the HTTP service is told when it starts.
struct ServiceSettings
{
    QStringList listen;         ///< HOST:PORT each. None: the Unix socket, unless systemd gave us sockets.
    QString socketPath;         ///< Of the Unix socket.
    QStringList allowedHosts;   ///< Names it may be called by, beside localhost and what it listens on.
    QStringList allowedOrigins; ///< Whose pages may ask, beside its own.
    QString tokensPath;         ///< tokens.json; need not exist.
    QString madeTokenPath;      ///< Where a token is kept that is made when there is no other.
    QString stateFolder;        ///< Private to this user; for what must outlive a restart.
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
    /// Takes no more work, finishes what is under way, then calls `stopped`.
    virtual void stop() = 0;
};

/// What the module `nightshift-http` exports. Null when the service cannot start; `error` says why.
using StartService = RunningService *(const ServiceSettings &settings, const ServiceCallbacks &callbacks, Error *error);
constexpr const char *startServiceSymbol = "nightshiftStartService";

/// `serve token WORDS`; gives what is to be printed.
using ChangeTokens = Result<QString>(const QStringList &words, const QString &tokensPath);
constexpr const char *changeTokensSymbol = "nightshiftChangeTokens";

} // namespace nightshift
