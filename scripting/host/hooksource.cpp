#include "host/hooksource.h"

namespace nightshift::host {

namespace {

class Asked : public HookJob
{
public:
    Asked(script::ScriptThread &script, int call)
        : m_script(script)
        , m_call(call)
    {}
    ~Asked() override { m_script.withdraw(m_call); }

private:
    script::ScriptThread &m_script;
    const int m_call;
};

} // namespace

void ScriptHooks::offer(const QStringList &names)
{
    const std::lock_guard lock(m_mutex);
    m_names = names;
}

std::chrono::milliseconds ScriptHooks::deadline(HookMoment moment) const
{
    constexpr auto patience = std::chrono::minutes(1); // who only listens forbids nothing by being slow
    return offers(moment) ? usualHookDeadline : patience;
}

bool ScriptHooks::wants(HookMoment moment) const
{
    return offers(moment) || (m_isListening && moment == HookMoment::ToolEnd);
}

bool ScriptHooks::offers(HookMoment moment) const
{
    const std::lock_guard lock(m_mutex);
    return m_names.contains(hookName(moment));
}

std::unique_ptr<HookJob> ScriptHooks::ask(const HookQuestion &question, std::function<void(const HookReply &)> answered)
{
    const RawJson args = json::array({json::string(QStringView(QString(hookName(question.moment)))), question.event});
    const auto reply = [answered = std::move(answered)](const script::Outcome &outcome) {
        answered(outcome ? HookReply(outcome->text) : fail(Error::Kind::Internal, outcome.error().message));
    };
    if (!offers(question.moment)) // what it was told before it has heard when it answers this
        return std::make_unique<Asked>(*m_script,
                                       m_script->call("heard", RawJson{"[]"}, deadline(question.moment), reply));
    return std::make_unique<Asked>(*m_script, m_script->call("hook", args, usualHookDeadline, reply));
}

} // namespace nightshift::host
