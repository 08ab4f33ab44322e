#pragma once
#include "http/allowance.h"

namespace nightshift::api {

/// Whose tokens pay for the turns that wait or run.
class Payers
{
public:
    /// `allowance`, which holds what they may spend, outlives it.
    explicit Payers(http::Allowance &allowance)
        : m_allowance(allowance)
    {}

    void add(const QString &turnId, const http::Token &payer) { m_payers.insert(turnId, payer); }
    /// The same for a turn that an earlier process took; of a known one, what its token allows now.
    void adopt(const QString &turnId, const http::Token &payer);
    /// See http::Allowance::refusal(). Who is not known pays for nothing, and is refused nothing.
    std::optional<LimitReached> refusal(const QString &turnId, double costUsd);
    void charge(const QString &turnId, double costUsd);
    void end(const QString &turnId);

private:
    http::Allowance &m_allowance;
    QHash<QString, http::Token> m_payers; ///< By the turns they pay for.
};

} // namespace nightshift::api
