#pragma once
#include "domain/event.h"
#include "http/ratelimit.h"
#include "http/spending.h"
#include "http/tokens.h"

namespace nightshift::http {

/// What the holder of a token may do beside what its scopes say: where, with which models, how often, how much at
/// once, and for how much money. The routes that make work ask here, each before it does anything:
///
///     POST /v1/sessions, …/fork     folder() of its cwd, model(); beginTurn() when there is input
///     POST …/turns                  sees() its session's folder, model(); beginTurn()
///     every other route of one      sees() its session's folder, else NotFound
///     lists, GET /v1/events         leave out what sees() refuses
///     a request of a turn           refusal(), then charge()
///     the end of a turn             endTurn(), once for each beginTurn() that was allowed
///
/// Processes of our user over the Unix socket have no token and no limits but the roots.
class Allowance
{
public:
    /// Roots are folders with their links resolved. `spendingPath` may be empty.
    Allowance(QStringList roots, Quota turns, const QString &spendingPath);

    /// The folder with its links resolved, which is the one to use: RootNotAllowed outside of the roots of the service
    /// and of the token, ValidationFailed where there is none.
    Judged<QString> folder(const Token &token, const QString &cwd) const;
    /// Whether its holder is told of sessions in that folder, which may be gone.
    bool sees(const Token &token, const QString &cwd) const;
    Judged<void> model(const Token &token, const QString &model) const;

    /// RateLimited, TooManySessions or LimitCost.
    Judged<void> beginTurn(const Token &token);
    /// Counts one that was allowed by an earlier process and still is to be done.
    void adoptTurn(const Token &token) { ++m_running[token.id]; }
    void endTurn(const QString &tokenId, const QString &turnId);
    /// Before each request of a turn, which will cost at least so much: the limit, when the token's budget, less what
    /// the requests of its other turns under way will cost, does not cover it.
    std::optional<LimitReached> refusal(const Token &token, const QString &turnId, double leastUsd);
    /// What a request of a turn has cost; at once, so that other turns are judged by it.
    void charge(const QString &tokenId, const QString &turnId, double costUsd);
    /// What a turn may cost at most; nothing when its token has no budget.
    std::optional<double> budgetLeftUsd(const Token &token) const;

    const QStringList &roots() const { return m_roots; }
    const RateLimit &turns() const { return m_turns; }

private:
    QStringList m_roots;
    RateLimit m_turns;
    Spending m_spending;
    QHash<QString, qint64> m_running; ///< Turns by token.
    struct Reservation
    {
        QString tokenId;
        double usd = 0;
    };
    QHash<QString, Reservation> m_reserved; ///< For the request under way, by turn.
};

/// Whether this is the caller without a token.
bool isLocalUser(const Token &token);
Token localUser();

} // namespace nightshift::http
