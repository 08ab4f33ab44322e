#pragma once
#include "batch/checkrun.h"
#include "batch/itemresult.h"

namespace nightshift::batch {

/// Whether a result is any good: the caller's command is asked first, where the item worked, then their function; both
/// must agree.
///
/// Emits finished() exactly once, from the event loop. Deleting it kills the command, and what the function says later
/// counts for nothing.
class Judging : public QObject
{
    Q_OBJECT

public:
    using Verdict = std::function<void(const std::optional<QString> &failure)>;
    /// Calls the verdict once, now or later, with why the result is no good.
    using Judge = std::function<void(const ItemResult &result, Verdict verdict)>;

    /// Without command and function everything is good. `environment` is ours.
    Judging(const QStringList &check, Judge judge, ItemResult result, const Settings &settings,
            const QStringList &environment, QObject *parent);

signals:
    /// Nothing when it is good, else why not.
    void finished(const std::optional<QString> &failure);

private:
    void onChecked(const std::optional<QString> &failure);
    void askJudge();

    const Judge m_judge;
    const ItemResult m_result;
};

} // namespace nightshift::batch
