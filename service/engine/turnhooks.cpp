#include "turnhooks.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

constexpr int mostAgain = 3; // a hook that is never content must not keep the model busy for ever

TurnHooks::TurnHooks(Gate &gate, QObject *parent)
    : QObject(parent)
    , m_gate(gate)
{
    connect(&gate.parts().tools, &tools::ToolBox::event, this, [this](const Event &event) {
        if (const auto *patch = std::get_if<PatchFinished>(&event); patch && patch->success)
            for (const FileChange &change : patch->changes)
                m_outcome.filesChanged += change.path;
    });
}

TurnHooks::~TurnHooks()
{
    cancel();
}

void TurnHooks::open(const UserInput &input)
{
    m_input = input;
    if (const QString how = m_gate.takeBeginning(); !how.isEmpty())
        return consult(
            HookMoment::SessionStart,
            [this, how] { return sessionEvent(HookMoment::SessionStart, m_gate.place(), how); },
            &TurnHooks::askAboutPrompt);
    askAboutPrompt({});
}

void TurnHooks::askAboutPrompt(const Advice &ofSession)
{
    release();
    m_opening.sessionContexts = ofSession.contexts;
    if (ofSession.isDenied())
        return onPromptAdvised(ofSession);
    consult(HookMoment::Prompt, [this] { return promptEvent(m_gate.place(), m_input); }, &TurnHooks::onPromptAdvised);
}

void TurnHooks::onPromptAdvised(const Advice &advice)
{
    release();
    m_opening.promptContexts = advice.contexts;
    if (advice.isDenied()) {
        const hooks::Answer &answer = *advice.decided;
        const QString how = answer.decision.failed ? u"the hook %1 failed, so the prompt is denied: %2"_s
                                                   : u"the prompt was denied by the hook %1: %2"_s;
        m_opening.denial = {FailureCode::HookDenied, how.arg(answer.source, answer.decision.reason)};
    }
    emit opened(m_opening);
}

bool TurnHooks::close(const QString &lastMessage)
{
    if (!m_gate.asks(HookMoment::TurnEnd) || m_outcome.again == mostAgain)
        return false;
    m_outcome.message = lastMessage;
    m_outcome.filesChanged.removeDuplicates();
    consult(HookMoment::TurnEnd, [this] { return turnEndEvent(m_gate.place(), m_outcome); }, &TurnHooks::onEndAdvised);
    return true;
}

void TurnHooks::onEndAdvised(const Advice &advice)
{
    using Kind = hooks::Decision::Kind;
    release();
    m_gate.addContexts(advice.contexts);
    if (advice.isDenied() && advice.decided->decision.abort)
        m_gate.abort(u"the hook %1 ended the turn: %2"_s.arg(advice.decided->source, advice.decided->decision.reason));
    if (!advice.decided || advice.decided->decision.kind != Kind::Again)
        return emit closed({});
    ++m_outcome.again;
    emit closed(u"<hook_prompt>"_s + advice.decided->decision.reason + u"</hook_prompt>"_s);
}

void TurnHooks::consult(HookMoment moment, std::function<RawJson()> event, Reaction reaction)
{
    m_gate.beginWait();
    m_consultation = m_gate.consult({.moment = moment, .call = {}, .event = std::move(event)}, this);
    connect(m_consultation, &Consultation::finished, this, reaction);
}

void TurnHooks::release()
{
    if (!m_consultation)
        return;
    std::exchange(m_consultation, nullptr)->deleteLater();
    m_gate.endWait();
}

void TurnHooks::cancel()
{
    if (m_consultation)
        m_consultation->disconnect(this);
    release();
}

} // namespace nightshift::engine
