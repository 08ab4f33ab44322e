#include "host/hooksource.h"

using namespace Qt::StringLiterals;

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

/// What the script said, or a no in its place where it would let a command leave the sandbox: by agreeing, or by
/// asking so that silence agrees.
HookReply withoutApproval(const RawJson &said, HookMoment moment)
{
    const auto answer = JsonDocument::parse(said.text);
    const JsonView root = answer ? answer->root() : JsonView();
    const QString decision = root["decision"].toString();
    const bool silenceAgrees = root["default"].toString() == "allow"_L1;
    if (!root.isObject() || root.members().empty() || (moment != HookMoment::Approval && !silenceAgrees))
        return said.text;
    if (decision == "ask"_L1 && !silenceAgrees)
        return json::object(
                   {{"decision", decision},
                    {"wait_s", root["wait_s"].isNumber() ? std::optional(root["wait_s"].raw()) : std::nullopt}})
            .text;
    const QString reason = decision == "deny"_L1 ? root["reason"].toString()
                                                 : u"a script lets nothing out of the sandbox without --allow-exec"_s;
    return json::object({{"decision", "deny"}, {"reason", reason}, {"abort", root["abort"].toBool()}}).text;
}

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
    const auto reply = [answered = std::move(answered), may = m_mayApprove,
                        moment = question.moment](const script::Outcome &outcome) {
        if (!outcome)
            return answered(fail(Error::Kind::Internal, outcome.error().message));
        answered(may ? HookReply(outcome->text) : withoutApproval(*outcome, moment));
    };
    return std::make_unique<Asked>(*m_script, m_script->call("hook", args, m_deadline, reply));
}

} // namespace nightshift::host
