#pragma once
#include "base/outputwindow.h"
#include "domain/settings.h"
#include "tools/commandrun.h"
#include <QTimer>

namespace nightshift::batch {

/// The caller's command that decides whether an item went well, run where the item's own commands ran.
/// Emits finished() exactly once, from the event loop; deleting it kills the command.
class CheckRun : public QObject
{
    Q_OBJECT

public:
    /// `argv` may name {{cwd}}. `environment` is ours; the policy of the settings decides what of it is seen.
    CheckRun(const QStringList &argv, const Settings &settings, const QStringList &environment, const QString &session,
             QObject *parent);

signals:
    /// Nothing when it ended with 0, else why not, with the end of what it printed.
    void finished(const std::optional<QString> &failure);

private:
    void onEnded(const tools::CommandEnd &end);

    const QString m_words;
    OutputWindow m_output;
    QTimer m_timeout;
    bool m_timedOut = false;
    std::unique_ptr<tools::CommandRun> m_run;
};

} // namespace nightshift::batch
