#include "judging.h"
#include <QPointer>

namespace nightshift::batch {

Judging::Judging(const QStringList &check, Judge judge, ItemResult result, const Settings &settings,
                 const QStringList &environment, QObject *parent)
    : QObject(parent)
    , m_judge(std::move(judge))
    , m_result(std::move(result))
{
    if (check.isEmpty()) {
        QMetaObject::invokeMethod(this, &Judging::askJudge, Qt::QueuedConnection);
        return;
    }
    auto *command = new CheckRun(check, settings, environment, m_result.session, this);
    connect(command, &CheckRun::finished, this, &Judging::onChecked);
}

void Judging::onChecked(const std::optional<QString> &failure)
{
    if (failure)
        emit finished(failure);
    else
        askJudge();
}

void Judging::askJudge()
{
    if (!m_judge)
        return emit finished(std::nullopt);
    m_judge(m_result, [self = QPointer(this)](const std::optional<QString> &failure) {
        if (self)
            QMetaObject::invokeMethod(
                self.data(), [self, failure] { emit self->finished(failure); }, Qt::QueuedConnection);
    });
}

} // namespace nightshift::batch
