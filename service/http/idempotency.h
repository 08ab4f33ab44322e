#pragma once
#include "base/result.h"
#include "http/response.h"
#include <QSet>
#include <QString>
#include <chrono>
#include <variant>

namespace nightshift::http {

/// A request that must not be done twice.
struct KeyedRequest
{
    QString token; ///< Its id: keys of different holders are different keys.
    QByteArray key;
    QByteArray method;
    QByteArray path;
    QByteArray bodySha256;
    QByteArray rights = {}; ///< See rightsOf(): an answer is not repeated to a token that allows something else now.
};

/// Whether this is a key: 1 to 128 visible ASCII characters.
bool isIdempotencyKey(QByteArrayView key);

/// Answers by Idempotency-Key, each in a file of its own, for a day and over restarts. A request is written down
/// before it is done: when the service dies in between, nobody knows what was done, and the key is refused rather
/// than the work repeated. Source: draft-ietf-httpapi-idempotency-key-header.
class IdempotencyStore
{
public:
    explicit IdempotencyStore(QString folder, std::chrono::seconds lifetime = std::chrono::hours(24));

    struct Fresh
    {
        bool operator==(const Fresh &) const = default;
    };
    /// Fresh: do it, then finish() or forget(). A Response: it was done, and this is what was answered.
    std::variant<Fresh, Response, Problem> begin(const KeyedRequest &request);
    /// Keeps status, Content-Type, Location and body.
    Result<> finish(const KeyedRequest &request, const Response &response);
    /// It was not done after all; the key is free again.
    void forget(const KeyedRequest &request);

    /// Removes what is older than the lifetime.
    void purge();

private:
    QString pathOf(const KeyedRequest &request) const;

    QString m_folder;
    std::chrono::seconds m_lifetime;
    QSet<QString> m_running; ///< Paths of requests that this process is doing.
};

} // namespace nightshift::http
