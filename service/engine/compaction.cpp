#include "compaction.h"
#include "engine/contextgauge.h"
#include "engine/items.h"
#include "engine/summary.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

Compaction::Compaction(const Parts &parts, QObject *parent)
    : QObject(parent)
    , m_parts(parts)
    , m_repeats(parts.model.provider(), parts.ledger, this)
    , m_from(sections(parts.ledger.history()).head)
{
    connect(&m_repeats, &Repeats::event, this, &Compaction::event);
    connect(&m_repeats, &Repeats::due, this, &Compaction::ask);
    ask();
}

void Compaction::ask()
{
    m_repeats.begin();
    m_parts.spending.countRequest();
    m_summary.clear();
    m_called = false;
    m_cost = {};
    const History &history = m_parts.ledger.history();
    const Sections parts = sections(history);
    llm::ModelRequest request = m_parts.model.request(std::span(history).first(parts.tail));
    request.input.erase(request.input.begin() + qsizetype(parts.head), request.input.begin() + qsizetype(m_from));
    request.input.push_back(userText(m_parts.settings.compactPrompt));
    request.tools = m_parts.tools;
    request.brief = true;
    m_stream = m_parts.model.ask(request, this);
    connect(m_stream, &llm::ModelStream::event, this, &Compaction::onModelEvent);
    connect(m_stream, &llm::ModelStream::finished, this, &Compaction::onAnswered);
}

/// Only what the model says counts: calls are not run, and nothing of it is shown.
void Compaction::onModelEvent(const llm::ModelEvent &modelEvent)
{
    if (const auto *message = std::get_if<llm::MessageDone>(&modelEvent); message && !message->refusal)
        m_summary += message->text;
    m_called = m_called || std::holds_alternative<llm::CallDone>(modelEvent);
    const auto *done = std::get_if<llm::ResponseDone>(&modelEvent);
    if (!done || !done->usage)
        return;
    m_cost = priced(*done->usage, m_parts.settings.modelInfo);
    m_parts.ledger.charge(m_cost);
    m_parts.spending.count(m_cost);
}

void Compaction::onAnswered(const std::optional<llm::ModelFailure> &failure)
{
    std::exchange(m_stream, nullptr)->deleteLater();
    const bool called = m_called && !m_parts.tools.empty(); // what it says beside a call is no summary
    if (!called && !m_summary.join(QString()).trimmed().isEmpty())
        return replaceHistory();
    if (!failure)
        emit event(UsageReported{m_cost, m_parts.ledger.usage(), m_parts.settings.modelInfo.contextWindow});
    if (called) {
        m_parts.tools.clear();
        m_repeats.end();
        return ask();
    }
    if (failure && failure->code == FailureCode::ContextExhausted && leavesOlderHalfOut()) {
        m_repeats.end();
        return ask();
    }
    const llm::ModelFailure reason =
        failure.value_or(llm::ModelFailure{FailureCode::ModelUnavailable,
                                           u"the model was asked to sum the conversation up and said nothing"_s,
                                           llm::ModelFailure::Retry::Announced,
                                           {}});
    if (!m_repeats.plan(reason))
        emit finished(TurnError{reason.code, reason.message});
}

bool Compaction::leavesOlderHalfOut()
{
    const size_t tail = sections(m_parts.ledger.history()).tail;
    m_from = newerHalf(m_parts.ledger.history(), m_from, tail);
    return m_from < tail;
}

void Compaction::replaceHistory()
{
    Ledger &ledger = m_parts.ledger;
    const QString summary = m_summary.join("\n\n"_L1);
    const qint64 before = ledger.contextTokens();
    ledger.replace(summedUp(m_parts.settings, ledger.history(), m_parts.context, summary), introducedSummary(summary),
                   m_cost);
    const qint64 after = ledger.contextTokens();
    emit event(ContextCompacted{before, after});
    emit event(UsageReported{{.inputTokens = after}, ledger.usage(), m_parts.settings.modelInfo.contextWindow});
    emit finished({});
}

} // namespace nightshift::engine
