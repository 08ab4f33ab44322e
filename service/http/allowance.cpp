#include "allowance.h"
#include <QDir>
#include <QFileInfo>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::http {

static const QString localUserId = u"unix"_s;

bool isLocalUser(const Token &token)
{
    return token.id == localUserId;
}

Token localUser()
{
    return {localUserId, u"local user"_s, {}, allScopes, {}, {}};
}

static bool isBeneath(const QString &folder, const QStringList &roots)
{
    return std::ranges::any_of(
        roots, [&](const QString &root) { return folder == root || root == u"/"_s || folder.startsWith(root + u'/'); });
}

static bool isAllowed(const QString &folder, const QStringList &roots, const Token &token)
{
    return isBeneath(folder, roots) && (token.roots.isEmpty() || isBeneath(folder, token.roots));
}

Allowance::Allowance(QStringList roots, Quota turns, const QString &spendingPath)
    : m_roots(std::move(roots))
    , m_turns(std::move(turns))
    , m_spending(spendingPath)
{}

Judged<QString> Allowance::folder(const Token &token, const QString &cwd) const
{
    const QString folder = QFileInfo(cwd).canonicalFilePath();
    // One answer for what is not there and what is elsewhere: nobody looks around the disk with it.
    if (folder.isEmpty() && !isAllowed(QDir::cleanPath(cwd), m_roots, token))
        return std::unexpected(Problem{ProblemCode::RootNotAllowed, u"%1 is under no allowed root"_s.arg(cwd)});
    if (!folder.isEmpty() && !isAllowed(folder, m_roots, token))
        return std::unexpected(Problem{ProblemCode::RootNotAllowed, u"%1 is under no allowed root"_s.arg(cwd)});
    if (folder.isEmpty() || !QDir::isAbsolutePath(cwd) || !QFileInfo(folder).isDir())
        return std::unexpected(Problem{.code = ProblemCode::ValidationFailed,
                                       .detail = u"%1 is not the absolute path of a folder"_s.arg(cwd),
                                       .errors = {{u"/cwd"_s, u"must be the absolute path of a folder"_s}}});
    return folder;
}

bool Allowance::sees(const Token &token, const QString &cwd) const
{
    if (token.roots.isEmpty())
        return true;
    const QString folder = QFileInfo(cwd).canonicalFilePath();
    return isBeneath(folder.isEmpty() ? QDir::cleanPath(cwd) : folder, token.roots);
}

Judged<void> Allowance::model(const Token &token, const QString &model) const
{
    if (token.models.isEmpty() || token.models.contains(model))
        return {};
    return std::unexpected(
        Problem{.code = ProblemCode::ScopeMissing,
                .detail = u"the token %1 is for %2, not for %3"_s.arg(token.label, token.models.join(u", "_s), model)});
}

std::optional<double> Allowance::budgetLeftUsd(const Token &token) const
{
    if (!token.budgetUsd)
        return {};
    return std::max(0.0, *token.budgetUsd - m_spending.of(token.id));
}

Judged<void> Allowance::beginTurn(const Token &token)
{
    if (budgetLeftUsd(token) == 0.0)
        return std::unexpected(Problem{ProblemCode::LimitCost, u"%1 of %2 USD used with this token"_s.arg(
                                                                   QString::number(m_spending.of(token.id), 'f', 2),
                                                                   QString::number(*token.budgetUsd, 'f', 2))});
    if (token.concurrency && m_running.value(token.id) >= *token.concurrency)
        return std::unexpected(Problem{ProblemCode::TooManySessions,
                                       u"%1 turns of this token are under way"_s.arg(m_running.value(token.id))});
    if (!isLocalUser(token)) {
        if (const auto taken = m_turns.take(token.id); !taken)
            return taken;
    }
    ++m_running[token.id];
    return {};
}

void Allowance::endTurn(const QString &tokenId, const QString &turnId)
{
    m_running[tokenId] = std::max<qint64>(0, m_running.value(tokenId) - 1);
    m_reserved.remove(turnId);
}

std::optional<LimitReached> Allowance::refusal(const Token &token, const QString &turnId, double leastUsd)
{
    if (!token.budgetUsd)
        return {};
    const double spent = m_spending.of(token.id);
    double reserved = 0;
    for (const auto &[turn, reservation] : m_reserved.asKeyValueRange())
        reserved += turn != turnId && reservation.tokenId == token.id ? reservation.usd : 0;
    if (spent < *token.budgetUsd && spent + reserved + leastUsd <= *token.budgetUsd) {
        m_reserved.insert(turnId, {token.id, leastUsd});
        return {};
    }
    const QString sentence = u"%1 of %2 USD are used with the token %3"_s.arg(
        QString::number(spent, 'g', 4), QString::number(*token.budgetUsd, 'g', 4), token.label);
    return LimitReached{{FailureCode::LimitCost, spent, *token.budgetUsd}, sentence};
}

void Allowance::charge(const QString &tokenId, const QString &turnId, double costUsd)
{
    m_reserved.remove(turnId);
    if (tokenId == localUserId || costUsd <= 0)
        return;
    if (const auto kept = m_spending.add(tokenId, costUsd); !kept)
        qWarning("%s", qPrintable(kept.error().message));
}

} // namespace nightshift::http
