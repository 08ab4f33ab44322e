#pragma once
#include "script/failure.h"
#include "script/hostmodule.h"
#include <QObject>
#include <chrono>
#include <memory>

class QThread;

namespace nightshift::script {

class MemoryWatch;
class Worker;

/// What is to be run.
struct ScriptPlan
{
    enum class Main { Needed, Optional };
    QString path;             ///< Absolute.
    RawJson args{"{}"};       ///< An object.
    Main main = Main::Needed; ///< The default export.
    HostModule host;
    std::function<void(const QString &)> print; ///< What the script says on its console; on the owner's thread.
    qint64 memoryBytes = 0;                     ///< That the process may hold; 0 bounds it not. See MemoryWatch.
    std::optional<QStringList> readable;        ///< Folders of what it may import; absent bounds it not.
};

/// A script on a thread and an engine of its own, whose endless loops harm nobody. It is loaded, and its default
/// function called; what it offers can be called from then on, also after that has ended. Deleting it stops it.
///
/// When it takes too much memory it is stopped: whatever was asked of it, then and later, fails with Memory.
class ScriptThread : public QObject
{
    Q_OBJECT

public:
    explicit ScriptThread(ScriptPlan plan, QObject *parent = nullptr);
    ~ScriptThread() override;

    void start();
    /// Calls what the script offers under `name`; `args` is an array. Without an answer in time the script is
    /// interrupted, if it is in that call, and the failure is Deadline. `answered` is called once, from the event loop.
    /// Gives the call's number.
    int call(const QByteArray &name, const RawJson &args, std::chrono::milliseconds deadline,
             std::function<void(const Outcome &)> answered);
    /// Nobody wants the answer any more, and none comes.
    void withdraw(int call);
    /// Tells the host module's JavaScript.
    void emitEvent(const QByteArray &channel, const RawJson &event);
    /// Stops whatever it runs; finished() follows.
    void cancel();

signals:
    /// Once: what the default function came to, or why the script ended before.
    void finished(const nightshift::script::Outcome &outcome);

private:
    friend class Worker;
    void onAnswered(int call, const Outcome &outcome);
    void onFinished(const Outcome &outcome);
    void onMemoryExceeded();

    std::unique_ptr<QThread> m_thread;
    Worker *m_worker;
    std::map<int, std::function<void(const Outcome &)>> m_calls;
    int m_lastCall = 0;
    bool m_isFinished = false;
    std::optional<Failure> m_broken; ///< Why nothing can be asked of it any more.
    const qint64 m_memoryBytes;
    std::unique_ptr<MemoryWatch> m_watch;
};

} // namespace nightshift::script
