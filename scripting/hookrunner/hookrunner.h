#pragma once
#include "script/scriptthread.h"
#include <QSocketNotifier>
#include <map>

namespace nightshift::hookrunner {

/// The process that a file of hooks runs in, and nothing else, for a script can use up all memory there is, or crash
/// the engine, and then must take nobody with it. It talks with whoever started it in lines of JSON:
///
///     it says   {"ready": {"hooks": ["onCommand"], "on_failure": "abort"}}   or {"failed": "hooks.js:3: …"}, at first
///               {"id": 1, "answer": …}                                        or {"id": 1, "error": "hooks.js:9: …"}
///               {"print": "…"}
///     it is told {"id": 1, "hook": "onCommand", "event": {…}}, {"withdraw": 1}
///
/// It ends when its input does.
class HookRunner : public QObject
{
    Q_OBJECT

public:
    HookRunner(const QString &path, std::chrono::milliseconds deadline);
    void start() { m_script.start(); }

private:
    void onLoaded(const script::Outcome &outcome);
    void onInput();
    void take(const QByteArray &line);
    void say(const RawJson &line);

    const std::chrono::milliseconds m_deadline;
    QByteArray m_input;
    QSocketNotifier m_stdin;
    std::map<qint64, int> m_calls; ///< The script's number of each question.
    script::ScriptThread m_script;
};

} // namespace nightshift::hookrunner
