#include "execcommand.h"
#include "app/capture.h"
#include "app/exitcodes.h"
#include "app/hookfiles.h"
#include "app/localmodelcheck.h"
#include "app/modules.h"
#include "app/ownenvironment.h"
#include "app/queries.h"
#include "app/review.h"
#include "app/sessionchoice.h"
#include "app/stdoutwriter.h"
#include "app/tape.h"
#include "app/terminaltext.h"
#include "app/unixsignals.h"
#include "engine/replay.h"
#include "llm/demomodel.h"
#include "wire/protocolencoder.h"
#include <QCoreApplication>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

void say(const QString &line)
{
    sayLine(line);
}

StartError startError(const Error &error)
{
    return {error.message, int(ExitCode::Failure)};
}

} // namespace

ExecCommand::ExecCommand(ExecOptions options)
    : m_options(std::move(options))
    , m_stdout([this](int) { onOutputGone(); })
{}

int ExecCommand::run()
{
    if (const auto started = start(); !started) {
        say(u"Error: "_s + started.error().message);
        return started.error().exitCode;
    }
    return QCoreApplication::exec();
}

std::expected<void, StartError> ExecCommand::start()
{
    auto plan =
        planExec(m_options, {.settingsKnown = [this](const Settings &settings) { loadNetwork(settings); },
                             .localModel = [this](const Settings &settings) { return checkLocalModel(settings); }});
    if (!plan)
        return std::unexpected(plan.error());
    m_plan = std::move(*plan);
    // From here on a signal ends the run in good order; before, there is nothing to put in order.
    connect(new UnixSignals(this), &UnixSignals::received, this, &ExecCommand::onSignal);
    if (const auto made = makeEngine(); !made)
        return made;
    const auto door = serverHttp(m_plan.settings);
    if (!door)
        return std::unexpected(startError(door.error()));
    if (m_plan.input)
        m_servers = m_engine->startServers(m_plan.settings, *door);
    if (!m_servers)
        return begin();
    connect(m_servers.get(), &mcp::Servers::progress, this, [](const QString &line) { say(line); });
    connect(m_servers.get(), &mcp::Servers::settled, this, &ExecCommand::onServersSettled);
    return {};
}

/// A run that misses a server it requires has recorded and printed nothing.
void ExecCommand::onServersSettled()
{
    const QString missing = m_servers->missing();
    const auto begun = missing.isEmpty() ? begin() : std::unexpected(StartError{missing, int(ExitCode::Failure)});
    if (begun)
        return;
    say(u"Error: "_s + begun.error().message);
    leaveServers(begun.error().exitCode);
}

/// Ends the program before it had a session, once no server is alive.
void ExecCommand::leaveServers(int exitCode)
{
    m_servers->disconnect(this);
    connect(m_servers.get(), &mcp::Servers::closed, this, [exitCode] { QCoreApplication::exit(exitCode); });
    m_servers->close();
}

std::expected<void, StartError> ExecCommand::begin()
{
    auto session = openSession();
    if (!session)
        return std::unexpected(session.error());
    m_session = *session;
    const Questions questions(m_options.queries, m_plan.settings.home, m_servers.get());
    if (m_servers)
        m_session->use(std::move(m_servers));
    connect(m_session, &engine::Session::closed, this, &ExecCommand::onClosed);
    if (!m_options.ephemeral) {
        if (const auto adopted = m_plan.isolation.adopt(m_session->id()); !adopted)
            return std::unexpected(startError(adopted.error()));
    }
    auto earlier = earlierMessages();
    if (!earlier)
        return std::unexpected(startError(earlier.error()));
    m_view = makeLiveView(m_options.form, humanLook(m_options.color, m_plan.settings), std::move(*earlier), m_stdout);
    if (m_options.form == OutputForm::Protocol)
        m_session->keepOutput();
    connect(m_session, &engine::Session::event, this, &ExecCommand::onEvent);
    connect(m_session, &engine::Session::turnEnded, this, &ExecCommand::onTurnEnded);
    m_session->announce();
    for (RawJson &answer : questions.answers(m_session->id(), m_session->path()))
        m_session->answer({std::move(answer)});
    if (!m_plan.input) { // a fork that is only made
        QMetaObject::invokeMethod(this, &ExecCommand::onTurnEnded, Qt::QueuedConnection);
        return {};
    }
    const RunLimits &limits = m_options.limits;
    engine::Session::Wishes wishes{.limits = {limits.requests, limits.tokens, limits.costUsd, limits.time}};
    if (m_plan.reviewHint && !m_plan.schema)
        wishes.render = renderReview;
    if (m_plan.reviewHint)
        wishes.review = {*m_plan.reviewHint, reviewFindings};
    if (m_plan.schema) {
        wishes.outputSchema = m_plan.schema->json();
        wishes.mismatch = [this](const QString &message) { return m_plan.schema->mismatch(message); };
    }
    m_session->submit(*m_plan.input, std::move(wishes));
    if (m_stdout.hasFailed())
        onOutputGone(); // before there was a turn to end
    return {};
}

/// Begins while the rest of the run is prepared.
void ExecCommand::loadNetwork(const Settings &settings)
{
    if (!settings.provider.isDemo())
        m_network.emplace(networkOptions(settings));
}

Result<> ExecCommand::checkLocalModel(const Settings &settings)
{
    return http(settings).and_then([&](llm::HttpClient *client) { return prepareLocalModel(*client, settings); });
}

/// The way to servers behind a URL: the provider's, unless that is the demonstration.
Result<llm::HttpClient *> ExecCommand::serverHttp(const Settings &settings)
{
    const bool isNeeded = std::ranges::any_of(
        settings.mcpServers, [](const McpServerSettings &server) { return server.enabled && !server.url.isEmpty(); });
    if (!isNeeded || !settings.provider.isDemo())
        return m_http.get();
    if (!m_network)
        m_network.emplace(networkOptions(settings));
    auto client = m_network->client();
    if (!client)
        return std::unexpected(client.error());
    m_serverHttp = std::move(*client);
    return m_serverHttp.get();
}

/// The way to the provider; made when it is first needed.
Result<llm::HttpClient *> ExecCommand::http(const Settings &settings)
{
    if (!m_http) {
        auto client =
            onTape(m_options.tape, settings, [this](const Settings &of) -> Result<std::unique_ptr<llm::HttpClient>> {
                if (of.provider.isDemo())
                    return std::make_unique<llm::DemoModel>();
                auto made = m_network->client();
                return made ? captured(std::move(*made), of) : std::move(made);
            });
        if (!client)
            return std::unexpected(client.error());
        m_http = std::move(*client);
    }
    return m_http.get();
}

std::expected<void, StartError> ExecCommand::makeEngine()
{
    if (const auto client = http(m_plan.settings); !client)
        return std::unexpected(startError(client.error()));
    m_engine = std::make_unique<engine::Engine>(*m_http, ownEnvironment(), decompressor());
    m_engine->setScriptParser(commands::fromModule(modulePath(u"nightshift-bash"_s)));
    if (const auto place = toolTape(m_options.tape, m_plan.settings)) {
        auto tape = engine::ToolTape::open(*place);
        if (!tape)
            return std::unexpected(startError(tape.error()));
        m_engine->setToolTape(*std::move(tape));
    }
    return openHooks();
}

std::expected<void, StartError> ExecCommand::openHooks()
{
    const Settings &settings = m_plan.settings;
    if (m_options.settings.hookFiles.isEmpty())
        return {};
    auto hooks = openHookFiles(m_options.settings, settings.cwd, settings.home.state);
    if (!hooks)
        return std::unexpected(startError(hooks.error()));
    m_engine->setHooks(*std::move(hooks));
    return {};
}

std::expected<engine::Session *, StartError> ExecCommand::openSession()
{
    const auto persist = m_options.ephemeral ? engine::Persist::No : engine::Persist::Yes;
    auto session = openTarget(persist);
    if (!session)
        return std::unexpected(startError(session.error()));
    return *session;
}

Result<engine::Session *> ExecCommand::openTarget(engine::Persist persist)
{
    const Settings &settings = m_plan.settings;
    ResumeTarget target;
    if (const auto *resume = std::get_if<ResumeTarget>(&m_options.target))
        target = *resume;
    else if (const auto *fork = std::get_if<ForkTarget>(&m_options.target))
        target.session = fork->session;
    else
        return m_engine->create(settings, persist);
    const auto log = chooseSession(target, settings);
    if (!log)
        return std::unexpected(log.error());
    if (const auto *fork = std::get_if<ForkTarget>(&m_options.target))
        return m_engine->fork(*log, settings, persist, fork->atTurn);
    m_resumed = *log;
    return m_engine->resume(*log, settings, persist);
}

/// What the older protocol repeats of the session that is resumed.
Result<std::vector<RawJson>> ExecCommand::earlierMessages() const
{
    std::vector<RawJson> messages;
    if (m_options.form != OutputForm::Protocol || m_resumed.isEmpty())
        return messages;
    auto replay = engine::Replay::open(m_plan.settings.home.state, m_resumed, decompressor());
    if (!replay)
        return std::unexpected(replay.error());
    while (const std::optional<Event> event = replay->next()) {
        if (auto message = wire::ProtocolEncoder::earlierMessage(*event))
            messages.push_back(std::move(*message));
    }
    return messages;
}

void ExecCommand::onEvent(const Event &event)
{
    m_answer.onEvent(event);
    m_view->show(event);
}

void ExecCommand::onTurnEnded()
{
    m_view->close(m_answer.text());
    if (m_plan.lastMessage && (m_answer.isComplete() || m_answer.text())) {
        if (const auto warning = m_plan.lastMessage->finish(m_answer.text()))
            say(*warning);
    }
    const int ending = int(m_answer.failure() ? exitCodeOf(m_answer.failure()->code) : ExitCode::Success);
    m_exitCode = m_exitCode.value_or(ending);
    m_session->close();
}

/// Nothing is left that could change the tree.
void ExecCommand::onClosed()
{
    if (const auto finished = m_plan.isolation.finish(m_answer.isComplete() && !m_answer.failure()); !finished) {
        say(u"Error: "_s + finished.error().message);
        m_exitCode = *m_exitCode == 0 ? int(ExitCode::Failure) : *m_exitCode;
    }
    QCoreApplication::exit(*m_exitCode);
}

void ExecCommand::onSignal(int signal)
{
    endFromOutside(exitCodeOfSignal(signal),
                   u"the run was stopped by %1"_s.arg(QLatin1StringView(signal == SIGINT    ? "SIGINT"
                                                                        : signal == SIGTERM ? "SIGTERM"
                                                                                            : "SIGHUP")));
}

void ExecCommand::onOutputGone()
{
    endFromOutside(int(ExitCode::OutputGone), u"nobody reads the output any more"_s);
}

void ExecCommand::endFromOutside(int exitCode, const QString &why)
{
    if (!m_exitCode)
        m_exitCode = exitCode;
    if (m_session)
        m_session->interrupt({FailureCode::Interrupted, why});
    else if (m_servers)
        leaveServers(*m_exitCode);
}

} // namespace nightshift::app
