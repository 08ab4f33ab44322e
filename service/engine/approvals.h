#pragma once
#include "domain/event.h"
#include "domain/settings.h"
#include <QHash>
#include <QSet>
#include <QTimer>

namespace nightshift::engine {

/// What somebody says to an approval.
struct ApprovalAnswer
{
    ApprovalResolved::Decision decision = ApprovalResolved::Decision::Deny; ///< Allow, Deny or Rewrite.
    ApprovalResolved::Scope scope = ApprovalResolved::Scope::Once;
    QString by;      ///< Who: "token ci".
    QString message; ///< For the model.
    QString command; ///< Of Rewrite.
    bool operator==(const ApprovalAnswer &) const = default;
};

/// One approval that is waited for. Emits resolved() exactly once and never from inside its constructor.
class ApprovalWait : public QObject
{
    Q_OBJECT

public:
    ApprovalWait(Approval approval, const ApprovalTerms &terms, QObject *parent);

    const Approval &approval() const { return m_approval; }
    void answer(const ApprovalAnswer &answer);
    /// It is not needed any more.
    void cancel();

signals:
    void resolved(const nightshift::ApprovalResolved &how);

private:
    void onExpired();
    void resolve(ApprovalAnswer answer);

    Approval m_approval;
    ApprovalTerms m_terms;
    QTimer m_expiry;
    bool m_isOver = false;
};

/// The approvals of one session: who waits, what was decided, and what was allowed for good.
class Approvals : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// A new one, told by event(). The wait belongs to `parent`.
    ApprovalWait *request(Approval approval, const ApprovalTerms &terms, QObject *parent);
    /// One that an earlier process has told already.
    ApprovalWait *resume(const Approval &approval, const ApprovalTerms &terms, QObject *parent);
    /// Tells of one that was decided while it was asked for.
    void record(Approval approval, const ApprovalAnswer &answer);

    std::vector<Approval> pending() const;
    /// How it was decided; absent while it is pending, and for an id that was never one.
    std::optional<ApprovalResolved> resolution(const QString &id) const;
    /// The first answer wins. NotFound for an id that is none, Denied when it was decided before, Timeout when it has
    /// expired.
    Result<> answer(const QString &id, const ApprovalAnswer &answer);

    /// Whether the same was allowed for the whole session.
    bool isGranted(const Approval &approval) const { return m_granted.contains(grantKey(approval)); }

signals:
    void event(const nightshift::Event &event);

private:
    ApprovalWait *wait(const Approval &approval, const ApprovalTerms &terms, QObject *parent);
    void onResolved(const Approval &approval, const ApprovalResolved &how);
    static QString grantKey(const Approval &approval);

    std::vector<ApprovalWait *> m_waiting; ///< In the order they were asked for.
    QHash<QString, ApprovalResolved> m_resolved;
    QSet<QString> m_granted;
};

} // namespace nightshift::engine
