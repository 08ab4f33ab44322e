#include "approvals.h"
#include <algorithm>
#include <chrono>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

using Decision = ApprovalResolved::Decision;
using Scope = ApprovalResolved::Scope;

namespace {

qint64 now()
{
    const auto time = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

ApprovalResolved resolution(const Approval &approval, const ApprovalAnswer &answer)
{
    return {.approvalId = approval.id,
            .call = approval.call,
            .decision = answer.decision,
            .by = answer.by,
            .scope = answer.scope,
            .message = answer.message,
            .command = answer.command};
}

} // namespace

ApprovalWait::ApprovalWait(Approval approval, const ApprovalTerms &terms, QObject *parent)
    : QObject(parent)
    , m_approval(std::move(approval))
    , m_terms(terms)
{
    m_expiry.setSingleShot(true);
    connect(&m_expiry, &QTimer::timeout, this, &ApprovalWait::onExpired);
    const qint64 left = m_approval.expiresAt ? *m_approval.expiresAt - now() : 0;
    m_expiry.start(std::chrono::milliseconds(std::clamp<qint64>(left, 0, 86'400'000 * 20LL))); // timers have 32 bits
}

void ApprovalWait::answer(const ApprovalAnswer &answer)
{
    resolve(answer);
}

void ApprovalWait::cancel()
{
    resolve({.decision = Decision::Cancelled, .by = u"the end of the turn"_s, .message = {}, .command = {}});
}

void ApprovalWait::onExpired()
{
    const bool waited = m_approval.expiresAt.has_value();
    if (m_terms.allowUnanswered)
        return resolve({.decision = Decision::Allow, .by = u"policy"_s, .message = {}, .command = {}});
    resolve({.decision = waited ? Decision::Expired : Decision::Deny,
             .by = waited ? u"timeout"_s : u"policy"_s,
             .message = waited ? u"nobody answered in time"_s : u"nobody is there who could answer"_s,
             .command = {}});
}

void ApprovalWait::resolve(ApprovalAnswer answer)
{
    if (std::exchange(m_isOver, true))
        return;
    m_expiry.stop();
    emit resolved(resolution(m_approval, answer));
}

ApprovalWait *Approvals::request(Approval approval, const ApprovalTerms &terms, QObject *parent)
{
    approval.requestedAt = now();
    if (terms.wait.count() > 0)
        approval.expiresAt = approval.requestedAt + terms.wait.count();
    emit event(ApprovalRequested{approval});
    return wait(approval, terms, parent);
}

ApprovalWait *Approvals::resume(const Approval &approval, const ApprovalTerms &terms, QObject *parent)
{
    return wait(approval, terms, parent);
}

void Approvals::record(Approval approval, const ApprovalAnswer &answer)
{
    approval.requestedAt = now();
    emit event(ApprovalRequested{approval});
    onResolved(approval, engine::resolution(approval, answer));
}

ApprovalWait *Approvals::wait(const Approval &approval, const ApprovalTerms &terms, QObject *parent)
{
    auto *wait = new ApprovalWait(approval, terms, parent);
    m_waiting.push_back(wait);
    connect(wait, &ApprovalWait::resolved, this, [this, wait](const ApprovalResolved &how) {
        std::erase(m_waiting, wait);
        onResolved(wait->approval(), how);
    });
    connect(wait, &QObject::destroyed, this, [this, wait] { std::erase(m_waiting, wait); });
    return wait;
}

void Approvals::onResolved(const Approval &approval, const ApprovalResolved &how)
{
    m_resolved.insert(how.approvalId, how);
    if (how.decision == Decision::Allow && how.scope == Scope::Session)
        m_granted.insert(grantKey(approval));
    emit event(how);
}

std::vector<Approval> Approvals::pending() const
{
    std::vector<Approval> pending;
    for (const ApprovalWait *wait : m_waiting)
        pending.push_back(wait->approval());
    return pending;
}

std::optional<ApprovalResolved> Approvals::resolution(const QString &id) const
{
    const auto found = m_resolved.find(id);
    return found == m_resolved.end() ? std::nullopt : std::optional(*found);
}

Result<> Approvals::answer(const QString &id, const ApprovalAnswer &answer)
{
    const auto wait = std::ranges::find_if(m_waiting, [&](const ApprovalWait *w) { return w->approval().id == id; });
    if (wait != m_waiting.end()) {
        (*wait)->answer(answer);
        return {};
    }
    const auto before = resolution(id);
    if (!before)
        return fail(Error::Kind::NotFound, u"there is no approval %1"_s.arg(id));
    if (before->decision == Decision::Expired)
        return fail(Error::Kind::Timeout, u"the approval %1 has expired"_s.arg(id));
    return fail(Error::Kind::Denied, u"the approval %1 was decided before, by %2"_s.arg(id, before->by));
}

QString Approvals::grantKey(const Approval &approval)
{
    const QStringList what =
        approval.command ? approval.command->argv + QStringList{approval.command->cwd} : QStringList{approval.tool};
    QStringList key{QString::number(int(approval.kind))};
    for (const FileChange &change : approval.changes)
        key += change.path;
    return (key + what).join(QChar(0));
}

} // namespace nightshift::engine
