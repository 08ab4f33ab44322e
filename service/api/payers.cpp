#include "payers.h"

namespace nightshift::api {

void Payers::adopt(const QString &turnId, const http::Token &payer)
{
    if (!m_payers.contains(turnId))
        m_allowance.adoptTurn(payer);
    m_payers.insert(turnId, payer);
}

std::optional<LimitReached> Payers::refusal(const QString &turnId, double costUsd)
{
    const auto payer = m_payers.constFind(turnId);
    return payer == m_payers.cend() ? std::nullopt : m_allowance.refusal(*payer, turnId, costUsd);
}

void Payers::charge(const QString &turnId, double costUsd)
{
    if (const auto payer = m_payers.constFind(turnId); payer != m_payers.cend())
        m_allowance.charge(payer->id, turnId, costUsd);
}

void Payers::end(const QString &turnId)
{
    if (m_payers.contains(turnId))
        m_allowance.endTurn(m_payers.take(turnId).id, turnId);
}

} // namespace nightshift::api
