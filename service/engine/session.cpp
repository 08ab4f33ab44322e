#include "session.h"
#include "base/ids.h"
#include "engine/inspector.h"
#include "engine/items.h"
#include "engine/turncontext.h"
#include "store/sessionindex.h"
#include "tools/imagecontent.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

Session::Session(Parts parts, llm::HttpClient &http, QObject *parent)
    : QObject(parent)
    , m_parts(std::move(parts))
    , m_model(http, m_parts.settings, m_parts.id)
    , m_tools(m_parts.settings, m_parts.sandbox, m_parts.environment, m_parts.id)
{
    if (m_parts.tape)
        m_parts.tape->equip(m_tools);
    if (m_parts.parseScript)
        m_tools.setInspector(inspector(m_parts.settings.commandRules, m_parts.parseScript));
    if (!m_parts.hooks.empty() || m_parts.settings.approval == ApprovalPolicy::OnRequest)
        openGate();
}

Session::~Session()
{
    delete m_turn; // it may be asking the gate
}

void Session::openGate()
{
    m_gate = std::make_unique<Gate>(Gate::Parts{.settings = m_parts.settings,
                                                .sessionId = m_parts.id,
                                                .transcript = m_parts.ledger->path(),
                                                .tools = m_tools,
                                                .hooks = m_parts.hooks,
                                                .parse = m_parts.parseScript,
                                                .beginning = m_parts.isResumed ? u"resume"_s : u"startup"_s},
                                    nullptr);
    if (m_gate->asks(HookMoment::Event))
        connect(this, &Session::event, m_gate.get(), &Gate::observe);
}

void Session::use(std::unique_ptr<mcp::Servers> servers)
{
    m_servers = std::move(servers);
    m_parts.notices += m_servers->notices();
    connect(m_servers.get(), &mcp::Servers::lateSettled, this, [this](const QString &notice) {
        addServerTools();
        if (!notice.isEmpty())
            tell(Notice{notice});
    });
    addServerTools();
}

void Session::addServerTools()
{
    for (auto &tool : m_servers->takeTools(m_tools.tell()))
        m_tools.add(std::move(tool));
}

void Session::announce()
{
    const Settings &settings = m_parts.settings;
    tell(SessionStarted{.sessionId = m_parts.id,
                        .model = settings.model,
                        .provider = settings.provider.id,
                        .cwd = settings.cwd,
                        .rolloutPath = m_parts.ledger->path(),
                        .reasoningEffort = settings.reasoningEffort,
                        .reasoningSummary = settings.reasoningSummary,
                        .approval = approvalName(settings.approval),
                        .sandbox = sandboxSummary(settings.sandbox)});
    for (const QString &notice : settings.notices + m_parts.briefing.notices + m_parts.notices)
        tell(Notice{notice});
}

void Session::submit(const UserInput &input, Wishes wishes)
{
    startTurn(turnRequest(input, std::move(wishes)));
}

void Session::startTurn(TurnRequest request)
{
    Q_ASSERT(!m_turn);
    m_turn = new Turn(m_parts.settings, m_model, m_tools, *m_parts.ledger, m_gate.get(), this);
    connect(m_turn, &Turn::event, this, &Session::event);
    connect(m_turn, &Turn::finished, this, [this] {
        std::exchange(m_turn, nullptr)->deleteLater();
        remember();
        emit turnEnded();
    });
    if (m_gate)
        m_gate->setTurn(request.turnId);
    m_turn->start(std::move(request));
    remember();
}

bool Session::goOnWaiting()
{
    if (!m_parts.waiting || !m_gate)
        return false;
    TurnRequest request{.turnId = m_parts.waiting->turn.id, .input = {}, .context = m_parts.briefing.context};
    request.pending = std::exchange(m_parts.waiting, {})->calls;
    startTurn(std::move(request));
    return true;
}

bool Session::steer(const UserInput &input)
{
    return m_turn && m_turn->add(input, itemsOf(input));
}

void Session::addInput(const UserInput &input)
{
    for (HistoryItem &item : itemsOf(input))
        m_parts.ledger->commit(std::move(item));
}

void Session::interrupt(const TurnError &why, std::chrono::milliseconds grace)
{
    if (m_turn)
        m_turn->interrupt(why, grace);
}

void Session::holdClock()
{
    if (m_turn)
        m_turn->holdClock();
}

void Session::releaseClock()
{
    if (m_turn)
        m_turn->releaseClock();
}

Result<> Session::answer(const QString &approvalId, const ApprovalAnswer &answer)
{
    if (!m_gate)
        return fail(Error::Kind::NotFound, u"there is no approval %1"_s.arg(approvalId));
    return m_gate->approvals().answer(approvalId, answer);
}

std::vector<Approval> Session::pendingApprovals() const
{
    if (m_parts.waiting) { // the turn does not go on yet
        std::vector<Approval> pending;
        for (const PendingCall &each : m_parts.waiting->calls)
            pending.push_back(each.approval);
        return pending;
    }
    return m_gate ? m_gate->approvals().pending() : std::vector<Approval>();
}

void Session::close()
{
    if (!m_gate || !m_gate->asks(HookMoment::SessionEnd))
        return closeServers();
    connect(m_gate.get(), &Gate::event, this, &Session::tell);
    m_gate->setTurn({});
    const auto event = [this] { return sessionEvent(HookMoment::SessionEnd, m_gate->place(), u"other"_s); };
    Consultation *last = m_gate->consult({.moment = HookMoment::SessionEnd, .call = {}, .event = event}, this);
    connect(last, &Consultation::finished, this, &Session::closeServers);
}

void Session::closeServers()
{
    if (!m_servers) {
        QMetaObject::invokeMethod(this, &Session::closed, Qt::QueuedConnection);
        return;
    }
    connect(m_servers.get(), &mcp::Servers::closed, this, &Session::closed);
    m_servers->close();
}

std::vector<HistoryItem> Session::itemsOf(const UserInput &input) const
{
    std::vector<RawJson> parts = tools::userImageParts(input.images, m_parts.settings.modelInfo);
    parts.push_back(textPart(input.text));
    std::vector<HistoryItem> items{{HistoryItem::Kind::User, message("user", parts), {}}};
    for (const QString &skill : config::mentionedSkills(input.text, m_parts.briefing.skills))
        items.push_back({HistoryItem::Kind::User, message("user", {textPart(skill)}), {}});
    return items;
}

TurnRequest Session::turnRequest(const UserInput &input, Wishes wishes) const
{
    TurnRequest request{.turnId = wishes.turnId.isEmpty() ? newId() : wishes.turnId,
                        .input = input,
                        .goesOn = wishes.goesOn,
                        .context = m_parts.briefing.context};
    for (const HistoryItem &item : m_parts.briefing.context) {
        if (std::ranges::find(m_parts.ledger->history(), item) == m_parts.ledger->history().end())
            request.items.push_back(item);
    }
    if (!wishes.goesOn)
        std::ranges::move(itemsOf(input), std::back_inserter(request.items));
    request.turnContext = turnContext(m_parts.settings, request.turnId);
    request.traceParent = wishes.traceParent;
    request.limits = wishes.limits;
    request.outputSchema = std::move(wishes.outputSchema);
    request.refusal = std::move(wishes.refusal);
    request.mismatch = std::move(wishes.mismatch);
    request.render = std::move(wishes.render);
    request.review = std::move(wishes.review);
    request.diffs = m_parts.ledger->keepsOutput() ? Asides::Diffs::Yes : Asides::Diffs::No;
    return request;
}

void Session::remember()
{
    const QString path = m_parts.ledger->path();
    if (path.isEmpty())
        return;
    if (m_title.isEmpty())
        m_title = firstPrompt(m_parts.ledger->history());
    const Settings &settings = m_parts.settings;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    // The index is a cache: what could not be written is found again in the log.
    std::ignore = store::SessionIndex(settings.home.state)
                      .remember({.id = m_parts.id,
                                 .path = path.sliced(settings.home.state.size() + 1),
                                 .updated = std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
                                 .provider = settings.provider.id,
                                 .cwd = settings.cwd,
                                 .model = settings.model,
                                 .title = m_title});
}

void Session::tell(const Event &e)
{
    m_parts.ledger->record(e);
    emit event(e);
}

} // namespace nightshift::engine
