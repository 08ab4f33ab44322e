#pragma once
#include "script/mailbox.h"
#include "script/scriptthread.h"
#include "script/stacktrace.h"
#include <QJSEngine>
#include <QJSValue>
#include <set>

namespace nightshift::script {

/// The script's side of ScriptThread: lives on its thread, owns the engine. What the JavaScript of the runtime calls
/// `native` is this.
class Worker : public QObject
{
    Q_OBJECT

public:
    Worker(ScriptPlan plan, ScriptThread &owner);
    ~Worker() override;

    // From any thread
    void post(std::function<void()> letter) { m_mailbox->post(std::move(letter)); }
    void interrupt(int call);
    void cancel();

    // On the script's thread
    void run();
    void call(int id, const QByteArray &name, const RawJson &args);
    void emitEvent(const QByteArray &channel, const RawJson &event);

    // For the runtime's JavaScript
    Q_INVOKABLE void print(const QString &text);
    Q_INVOKABLE QString describe(const QJSValue &error) const;
    Q_INVOKABLE void startTimer(int id, double ms);
    Q_INVOKABLE QString now(const QString &name, const QString &json);
    Q_INVOKABLE void later(int id, const QString &name, const QString &json);
    Q_INVOKABLE void answered(int id, const QString &json);
    Q_INVOKABLE void threw(int id, const QJSValue &error);
    Q_INVOKABLE void unhandled(const QJSValue &error);

private:
    static constexpr int mainCall = 0; ///< The default function's; others count from 1.
    static constexpr int noCall = -1;

    void prepare();
    Outcome loadAndStart();
    void enter(const QString &function, const QJSValueList &args, int call = noCall);
    void finish(const Outcome &outcome);
    void answer(int id, const Outcome &outcome);
    Failure failureOf(const QJSValue &error) const;
    QJSValue evaluateInternal(const char *text);

    const ScriptPlan m_plan;
    ScriptThread &m_owner;
    const std::shared_ptr<Mailbox> m_mailbox;
    Origins m_origins;
    std::unique_ptr<QJSEngine> m_engine;
    QJSValue m_runtime;
    QJSValue m_drain;
    bool m_finished = false;

    QMutex m_interruption; ///< Guards what follows, and the engine's coming and going.
    int m_running = noCall;
    int m_lastCall = mainCall;
    std::set<int> m_stillborn; ///< Calls that were interrupted before they began.
    bool m_canceled = false;
};

} // namespace nightshift::script
