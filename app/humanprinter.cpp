#include "humanprinter.h"
#include "app/diffview.h"
#include "app/runsummary.h"
#include "base/shellwords.h"
#include "wire/approvalobjects.h"
#include "wire/limitobjects.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// The text, made harmless, with exactly one line end; nothing stays nothing.
QString paragraph(QStringView text, Colors colors = Colors::Drop)
{
    while (text.endsWith(u'\n') || text.endsWith(u'\r'))
        text.chop(1);
    return text.isEmpty() ? QString() : printable(text, colors) + u'\n';
}

/// 12ms, 1.50s, 2m05s
QString durationText(std::chrono::milliseconds duration)
{
    const qint64 ms = duration.count();
    if (ms < 1000)
        return QString::number(ms) + "ms"_L1;
    if (ms < 60'000)
        return QString::number(double(ms) / 1000, 'f', 2) + 's'_L1;
    return "%1m%2s"_L1.arg(QString::number(ms / 60'000), QString::number(ms / 1000 % 60).rightJustified(2, u'0'));
}

} // namespace

QByteArray HumanPrinter::onEvent(const Event &event)
{
    const QString block = std::visit([this](const auto &fact) { return text(fact); }, event);
    if (!block.isEmpty() && !std::holds_alternative<CommandStarted>(event))
        m_openCommand.reset();
    return block.toUtf8();
}

QString HumanPrinter::text(const SessionStarted &started)
{
    m_cwd = started.cwd;
    QString head = u"nightshift v" NIGHTSHIFT_VERSION "\n--------\n"_s;
    for (const auto &[key, value] : runSummary(started))
        head += in(Style::Bold, key + u':') + u' ' + revealed(value) + u'\n';
    return head + in(Style::Bold, u"session id:") + u' ' + started.sessionId + "\n--------\n"_L1;
}

QString HumanPrinter::text(const Notice &notice) const
{
    return in(Style::Warning, u"warning:") + u' ' + paragraph(notice.message);
}

QString HumanPrinter::text(const UserSaid &said) const
{
    return in(Style::Cyan, u"user") + u'\n' + paragraph(said.input.text);
}

QString HumanPrinter::text(const MessageCompleted &message) const
{
    return in(Style::Actor, u"codex") + u'\n' + paragraph(message.text);
}

QString HumanPrinter::text(const ReasoningCompleted &reasoning) const
{
    if (m_look.hideReasoning)
        return {};
    QString thought = m_look.rawReasoning && !reasoning.raw.isEmpty() ? reasoning.raw : reasoning.summary;
    thought = printable(thought).trimmed();
    return thought.isEmpty() ? thought : in(Style::Dim, thought) + u'\n';
}

QString HumanPrinter::commandHead(const nightshift::CommandLine &command) const
{
    return in(Style::Actor, u"exec") + u'\n' + in(Style::Bold, revealed(shellQuoted(command.argv))) + " in "_L1 +
           revealed(command.cwd) + u'\n';
}

QString HumanPrinter::text(const CommandStarted &started)
{
    if (m_openCommand)
        return {}; // it runs beside another one, and is shown when it ends
    m_openCommand = started.call;
    return commandHead(started.command);
}

QString HumanPrinter::text(const CommandFinished &finished) const
{
    const QString head = m_openCommand == finished.call ? QString() : commandHead(finished.command);
    const QString time = durationText(finished.duration);
    const QString output = paragraph(finished.output, m_look.color ? Colors::Keep : Colors::Drop);
    if (!finished.exitCode)
        return head + in(Style::Red, " stopped after %1:"_L1.arg(time)) + u'\n' + output;
    if (*finished.exitCode == 0)
        return head + in(Style::Green, " succeeded in %1:"_L1.arg(time)) + u'\n' + output;
    return head + in(Style::Red, " exited %1 in %2:"_L1.arg(QString::number(*finished.exitCode), time)) + u'\n' +
           output;
}

QString HumanPrinter::text(const PatchFinished &finished) const
{
    QString block = in(Style::Bold, u"apply patch") + u'\n' + in(Style::Bold, u"patch:") +
                    (finished.success ? " completed\n"_L1 : " failed\n"_L1);
    for (const FileChange &change : finished.changes)
        block += in(Style::Dim, revealed(change.path)) + u'\n';
    if (!finished.success)
        return block + in(Style::Red, printable(finished.output).trimmed()) + u'\n';
    for (const FileChange &change : finished.changes)
        block += printable(gitDiff(change, m_cwd));
    return block;
}

QString HumanPrinter::text(const PlanChanged &plan) const
{
    QString block;
    if (!plan.explanation.isEmpty())
        block += in(Style::Italic, printable(plan.explanation).trimmed()) + u'\n';
    for (const PlanStep &step : plan.steps) {
        const QString what = printable(step.text);
        switch (step.status) {
        case PlanStep::Status::Completed:
            block += "  "_L1 + in(Style::Green, u"✓") + u' ' + what + u'\n';
            break;
        case PlanStep::Status::InProgress:
            block += "  "_L1 + in(Style::Cyan, u"→") + u' ' + what + u'\n';
            break;
        case PlanStep::Status::Pending:
            block += "  "_L1 + in(Style::Dim, u"•") + u' ' + in(Style::Dim, what) + u'\n';
            break;
        }
    }
    return block;
}

static QString toolName(const McpCall &call)
{
    return revealed(call.server + u'/' + call.tool);
}

QString HumanPrinter::text(const McpCallStarted &started) const
{
    return in(Style::Bold, u"mcp:") + u' ' + in(Style::Cyan, toolName(started.invocation)) + u' ' +
           in(Style::Dim, u"started") + u'\n';
}

QString HumanPrinter::text(const McpCallFinished &finished) const
{
    const QString outcome = finished.failed ? in(Style::Red, u"failed") : in(Style::Green, u"completed");
    QString block =
        in(Style::Bold, u"mcp:") + u' ' + in(Style::Cyan, toolName(finished.invocation)) + " ("_L1 + outcome + ")\n"_L1;
    if (finished.error)
        block += in(Style::Red, printable(*finished.error).trimmed()) + u'\n';
    return block;
}

QString HumanPrinter::text(const SearchFinished &search) const
{
    return in(Style::Bold, u"web search:") + u' ' + paragraph(search.query);
}

QString HumanPrinter::text(const ContextCompacted &compacted) const
{
    return in(Style::Bold, u"conversation summarised:") +
           " about %1 tokens in place of %2\n"_L1.arg(grouped(compacted.tokensAfter), grouped(compacted.tokensBefore));
}

QString HumanPrinter::text(const ApprovalRequested &requested) const
{
    return in(Style::Bold, u"approval:") + u' ' + revealed(wire::approvalSentence(requested.approval)) + u'\n';
}

QString HumanPrinter::text(const ApprovalResolved &resolved) const
{
    return in(Style::Bold, u"approval:") + u' ' + revealed(wire::resolutionSentence(resolved)) + u'\n';
}

QString HumanPrinter::text(const HookDecided &decided) const
{
    return in(Style::Bold, u"hook:") + u' ' + revealed(wire::hookSentence(decided)) + u'\n';
}

QString HumanPrinter::text(const LimitWarning &warning) const
{
    return in(Style::Bold, u"limit:") + u' ' + wire::limitSentence(warning.use) + u'\n';
}

QString HumanPrinter::text(const UsageReported &usage)
{
    m_usage = usage.total;
    return {};
}

QString HumanPrinter::errorLine(const QString &message) const
{
    return in(Style::Error, u"ERROR:") + u' ' + paragraph(message);
}

QString HumanPrinter::text(const RetryScheduled &retry) const
{
    return errorLine(retry.message);
}

QString HumanPrinter::text(const ErrorReported &error)
{
    m_lastError = error.message;
    return errorLine(error.message);
}

QString HumanPrinter::text(const TurnCompleted &completed)
{
    m_usage = completed.usage;
    return tokensUsed();
}

QString HumanPrinter::text(const TurnFailed &failed)
{
    if (failed.error.code == FailureCode::Interrupted || failed.error.code == FailureCode::CancelledByUser)
        return u"turn interrupted\n"_s + tokensUsed();
    const bool isSaid = std::exchange(m_lastError, {}) == failed.error.message;
    return (isSaid ? QString() : errorLine(failed.error.message)) + tokensUsed();
}

QString HumanPrinter::tokensUsed() const
{
    const qint64 tokens = m_usage.inputTokens - m_usage.cachedInputTokens + m_usage.outputTokens;
    return tokens > 0 ? in(Style::Dim, u"tokens used") + u'\n' + grouped(tokens) + u'\n' : QString();
}

QString HumanPrinter::in(Style style, QStringView text) const
{
    return styled(text, style, m_look.color);
}

} // namespace nightshift::app
