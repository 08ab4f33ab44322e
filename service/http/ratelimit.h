#pragma once
#include "http/requesthead.h"
#include <QHash>
#include <QString>

namespace nightshift::http {

/// So much of something in each window of time.
struct Quota
{
    QByteArray name;
    int amount = 0; ///< 0: as much as one likes.
    std::chrono::seconds window{60};
    bool operator==(const Quota &) const = default;
};

/// What each holder of a token used of a quota, in windows that begin with the first use.
/// Source: draft-ietf-httpapi-ratelimit-headers-11.
class RateLimit
{
public:
    using Clock = std::chrono::steady_clock;
    explicit RateLimit(Quota quota);

    /// Uses one, or says when there will be more.
    Judged<void> take(const QString &holder, Clock::time_point now = Clock::now());

    /// The members of RateLimit-Policy and RateLimit: `"turns";q=60;w=60` and `"turns";r=12;t=30`; empty without a
    /// limit.
    QByteArray policy() const;
    QByteArray state(const QString &holder, Clock::time_point now = Clock::now()) const;

private:
    struct Use
    {
        Clock::time_point until;
        int left = 0;
    };
    Use useOf(const QString &holder, Clock::time_point now) const;
    static qint64 secondsUntil(Clock::time_point then, Clock::time_point now);

    Quota m_quota;
    QHash<QString, Use> m_uses;
};

} // namespace nightshift::http
