#include "host/filecalls.h"
#include "host/scriptjob.h"
#include "script/command.h"

using namespace Qt::StringLiterals;

namespace nightshift::host {

// What a script may call, and who answers.

script::HostModule ScriptJob::makeModule()
{
    script::HostModule module;
    module.source = hostSource();
    addFileCalls(module, m_rules);
    m_sessions->addTo(module);
    module.later["run"] = [this](const RawJson &call, const script::Answer &answer) { m_runs->run(call, answer); };
    module.later["batch"] = [this](const RawJson &call, const script::Answer &answer) { m_batches->run(call, answer); };
    module.later["exec"] = [this](const RawJson &call, const script::Answer &answer) {
        if (!m_order.allowExec)
            return answer(fail(Error::Kind::Denied, u"exec() needs --allow-exec"_s));
        script::Command::run(call, m_rules.folder, answer, this);
    };
    addControl(module);
    if (m_claims)
        addWorkersPart(module);
    return module;
}

/// What each worker would do once more is left to the run without --claim, which takes all that they did.
void ScriptJob::addWorkersPart(script::HostModule &module)
{
    module.later["session.apply"] = [](const RawJson &, const script::Answer &answer) {
        answer(json::object({{"applied", false}, {"message", "a worker applies nothing"}}));
    };
    for (const char *verb : {"session.send", "session.fork"})
        module.later[verb] = [](const RawJson &, const script::Answer &answer) {
            answer(fail(Error::Kind::Denied, u"turns of sessions cannot be shared: run the script without --claim"_s));
        };
}

void ScriptJob::addControl(script::HostModule &module)
{
    module.now["begin"] = [this](JsonView) -> Result<RawJson> { return json::object({{"seed", m_seed}}); };
    module.now["env"] = [this](JsonView name) { return shownVariable(m_order, name.toString()); };
    module.now["phase"] = [this](JsonView name) -> Result<RawJson> {
        onMain([this, name = name.toString()] { m_callbacks.say(u"-- "_s + name); });
        return json::null();
    };
    module.now["progress"] = [this](JsonView state) -> Result<RawJson> {
        onMain([this, state = QString::fromUtf8(state.raw().text)] { m_callbacks.say(u"progress "_s + state); });
        return json::null();
    };
    module.now["failure"] = [this](JsonView told) -> Result<RawJson> {
        onMain([this, key = told["key"].toString(), message = told["message"].toString()] {
            m_runs->noteFailure(key, message);
        });
        return json::null();
    };
    module.now["hooks"] = [this](JsonView given) -> Result<RawJson> {
        m_hooks->offer(given);
        return json::null();
    };
    module.now["limits.spent"] = [this](JsonView) -> Result<RawJson> { return m_limits.spent(); };
    module.now["limits.left"] = [this](JsonView) -> Result<RawJson> { return m_limits.left(); };
    module.now["limits.set"] = [this](JsonView call) -> Result<RawJson> { return setLimits(call); };
}

RawJson ScriptJob::setLimits(JsonView call)
{
    int concurrency = 0;
    std::optional<qint64> maxFailures;
    const auto wished = scriptLimits(call, u"limits"_s, concurrency, maxFailures);
    if (!wished)
        return json::null();
    onMain([this, limits = m_limits.change(*wished), concurrency, maxFailures] {
        m_runner->budget().setLimits(limits);
        setWall(limits.wall);
        if (concurrency > 0)
            m_runs->setConcurrency(concurrency);
        m_plan.maxFailures = maxFailures ? maxFailures : m_plan.maxFailures;
    });
    return json::null();
}

} // namespace nightshift::host
