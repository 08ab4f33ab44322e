#include "runstatus.h"
#include "app/terminaltext.h"
#include "base/shellwords.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// 7s, 2m05s, 1h02m
QString elapsed(std::chrono::milliseconds time)
{
    const qint64 seconds = qMax<qint64>(0, time.count() / 1000);
    const auto padded = [](qint64 number) { return QString::number(number).rightJustified(2, u'0'); };
    if (seconds < 60)
        return QString::number(seconds) + u's';
    if (seconds < 3600)
        return QString::number(seconds / 60) + u'm' + padded(seconds % 60) + u's';
    return QString::number(seconds / 3600) + u'h' + padded(seconds / 60 % 60) + u'm';
}

/// The script that a shell was given, else the whole command.
QString commandText(const nightshift::CommandLine &command)
{
    const QStringList &argv = command.argv;
    const bool script = argv.size() == 3 && (argv[1] == "-lc"_L1 || argv[1] == "-c"_L1);
    return u"exec "_s + (script ? argv[2] : shellQuoted(argv));
}

} // namespace

void RunStatus::start(const QString &id, const QString &what, Time now)
{
    m_activities.push_back({id, printable(what).simplified(), now});
}

void RunStatus::finish(const QString &id)
{
    std::erase_if(m_activities, [&](const Activity &activity) { return activity.id == id; });
}

void RunStatus::onEvent(const Event &event, Time now)
{
    const auto wait = [&](const QString &what) {
        m_waiting = what;
        m_waitingSince = now;
    };
    std::visit(Overloaded{
                   [&](const TurnStarted &) {
                       m_isRunning = true;
                       wait(u"thinking"_s);
                   },
                   [&](const CommandStarted &e) { start(e.call, commandText(e.command), now); },
                   [&](const CommandFinished &e) { finish(e.call); },
                   [&](const PatchStarted &e) { start(e.call, u"apply patch"_s, now); },
                   [&](const PatchFinished &e) { finish(e.call); },
                   [&](const McpCallStarted &e) {
                       start(e.call, u"mcp: "_s + e.invocation.server + u'/' + e.invocation.tool, now);
                   },
                   [&](const McpCallFinished &e) { finish(e.call); },
                   [&](const SearchStarted &e) { start(e.call, u"web search"_s, now); },
                   [&](const SearchFinished &e) { finish(e.call); },
                   [&](const ApprovalRequested &e) { start(e.approval.id, u"waiting for an approval"_s, now); },
                   [&](const ApprovalResolved &e) { finish(e.approvalId); },
                   [&](const RetryScheduled &) { wait(u"waiting to ask again"_s); },
                   [&](const UsageReported &e) {
                       const Usage &total = e.total;
                       m_tokens = total.inputTokens - total.cachedInputTokens + total.outputTokens;
                       wait(u"thinking"_s);
                   },
                   [&](const TurnCompleted &) { m_isRunning = false; },
                   [&](const TurnFailed &) { m_isRunning = false; },
                   [](const auto &) {},
               },
               event);
}

QString RunStatus::text(Time now) const
{
    if (!m_isRunning)
        return {};
    const Activity *newest = m_activities.empty() ? nullptr : &m_activities.back();
    QString what = newest ? newest->what : m_waiting;
    constexpr qsizetype longest = 60; // the rest of the line has the figures
    if (what.size() > longest)
        what = what.left(longest - 1) + u'…';
    if (m_activities.size() > 1)
        what += u" (+%1)"_s.arg(m_activities.size() - 1);
    QString line = what + u" · "_s + elapsed(now - (newest ? newest->since : m_waitingSince));
    if (m_tokens > 0)
        line += u" · %1 tokens"_s.arg(grouped(m_tokens));
    return line;
}

} // namespace nightshift::app
