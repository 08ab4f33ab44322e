#include "host/hooksource.h"

namespace nightshift::host {

namespace {

constexpr auto patience = std::chrono::minutes(1); // with those who only listen: they forbid nothing by being slow

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

void ScriptHooks::offer(JsonView given)
{
    const std::lock_guard lock(m_mutex);
    for (const JsonView &name : given["names"].items())
        m_names += name.toString();
    m_onFailure = hookFailureFromName(given["on_failure"].toString()).value_or(m_onFailure);
}

HookFailure ScriptHooks::onFailure() const
{
    const std::lock_guard lock(m_mutex);
    return m_onFailure;
}

std::chrono::milliseconds ScriptHooks::deadline(HookMoment moment) const
{
    return offers(moment) ? m_deadline : 2 * patience; // who only listens answers before
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
    if (!offers(question.moment)) { // what it was told before it has heard when it answers this, or is too slow
        const auto heard = [answered = std::move(answered)](const script::Outcome &) { answered(QByteArray()); };
        return std::make_unique<Asked>(*m_script, m_script->call("heard", RawJson{"[]"}, patience, heard));
    }
    const RawJson args = json::array({json::string(QStringView(QString(hookName(question.moment)))), question.event});
    const auto reply = [answered = std::move(answered)](const script::Outcome &outcome) {
        answered(outcome ? HookReply(outcome->text) : fail(Error::Kind::Internal, outcome.error().message));
    };
    return std::make_unique<Asked>(*m_script, m_script->call("hook", args, m_deadline, reply));
}

} // namespace nightshift::host
