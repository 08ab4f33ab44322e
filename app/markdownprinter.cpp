#include "markdownprinter.h"
#include "app/runsummary.h"
#include "base/shellwords.h"
#include "base/showntext.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// A block of code, fenced so that no fence within it ends it.
QString fenced(const QString &text, const QString &language = {})
{
    QString fence = u"```"_s;
    while (text.contains(fence))
        fence += u'`';
    const QString lineEnd = text.endsWith(u'\n') ? QString() : u"\n"_s;
    return fence + language + u'\n' + text + lineEnd + fence + u"\n\n"_s;
}

QString paragraph(const QString &text)
{
    return text.trimmed() + u"\n\n"_s;
}

QString quoted(const QString &text)
{
    QString lines = text.trimmed();
    return u"> "_s + lines.replace(u'\n', u"\n> "_s) + u"\n\n"_s;
}

QString head(const SessionStarted &session)
{
    QString text = u"# Session %1\n\n"_s.arg(session.sessionId);
    for (const auto &[key, value] : runSummary(session))
        text += u"- %1: `%2`\n"_s.arg(key, revealed(value));
    return text + u'\n';
}

QString command(const CommandFinished &e)
{
    const QString ending = e.exitCode ? u"exit code %1"_s.arg(*e.exitCode) : u"stopped"_s;
    return fenced(u"$ "_s + revealed(shellQuoted(e.command.argv)) + u'\n' + e.output, u"console"_s) +
           u"*%1*\n\n"_s.arg(ending);
}

QString patch(const PatchFinished &e)
{
    QString text = e.success ? u"Changed files:\n\n"_s : u"A patch that failed:\n\n"_s;
    for (const FileChange &change : e.changes)
        text += u"- `%1`\n"_s.arg(revealed(change.path));
    text += u'\n';
    for (const FileChange &change : e.changes) {
        if (!change.unifiedDiff.isEmpty())
            text += fenced(change.unifiedDiff, u"diff"_s);
    }
    return text;
}

QString plan(const PlanClosed &e)
{
    QString text;
    for (const PlanStep &step : e.steps)
        text += u"- [%1] %2\n"_s.arg(step.status == PlanStep::Status::Completed ? u'x' : u' ').arg(step.text);
    return text + u'\n';
}

} // namespace

QByteArray MarkdownPrinter::onEvent(const Event &event)
{
    return std::visit(
               Overloaded{
                   [](const SessionStarted &e) { return head(e); },
                   [](const Notice &e) { return quoted(u"Note: "_s + e.message); },
                   [](const UserSaid &e) { return u"## User\n\n"_s + paragraph(e.input.text); },
                   [](const ReasoningCompleted &e) { return e.summary.isEmpty() ? QString() : quoted(e.summary); },
                   [](const MessageCompleted &e) { return u"## Agent\n\n"_s + paragraph(e.text); },
                   [](const CommandFinished &e) { return command(e); },
                   [](const PatchFinished &e) { return patch(e); },
                   [](const PlanClosed &e) { return plan(e); },
                   [](const McpCallFinished &e) {
                       return u"Called `%1/%2`%3.\n\n"_s.arg(e.invocation.server, e.invocation.tool,
                                                             e.failed ? u", which failed"_s : QString());
                   },
                   [](const SearchFinished &e) { return u"Searched the web: %1\n\n"_s.arg(e.query); },
                   [](const TurnFailed &e) { return u"**The turn failed:** %1\n\n"_s.arg(e.error.message); },
                   [](const auto &) { return QString(); },
               },
               event)
        .toUtf8();
}

} // namespace nightshift::app
