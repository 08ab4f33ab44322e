#include "sessionrun.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

SessionRun::SessionRun(engine::Engine &engine, llm::HttpClient &http, Order order, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_http(http)
    , m_order(std::move(order))
    , m_transcript(m_order.before.next())
{
    QMetaObject::invokeMethod(this, &SessionRun::begin, Qt::QueuedConnection);
}

SessionRun::~SessionRun()
{
    delete m_session;
}

void SessionRun::begin()
{
    if (m_order.schema) {
        auto schema = schema::OutputSchema::parse(m_order.schema->text);
        if (!schema)
            return fail({FailureCode::BadRequest, u"schema: "_s + schema.error().message});
        m_schema = std::move(*schema);
    }
    m_servers = m_engine.startServers(m_order.settings, &m_http);
    if (!m_servers)
        return open();
    connect(m_servers.get(), &mcp::Servers::settled, this, [this] {
        const QString missing = m_servers->missing();
        if (missing.isEmpty())
            return open();
        connect(m_servers.get(), &mcp::Servers::closed, this,
                [this, missing] { fail({FailureCode::ToolCrash, missing}); });
        m_servers->close();
    });
}

Result<engine::Session *> SessionRun::openSession()
{
    switch (m_order.way) {
    case Order::Way::Resume:
        return m_engine.resume(m_order.log, m_order.settings, engine::Persist::Yes);
    case Order::Way::Fork:
        return m_engine.fork(m_order.log, m_order.settings, engine::Persist::Yes, m_order.atTurn);
    default:
        return m_engine.create(m_order.settings, engine::Persist::Yes);
    }
}

void SessionRun::open()
{
    auto session = openSession();
    if (!session) {
        const bool denied = session.error().kind == Error::Kind::Denied;
        return fail({denied ? FailureCode::SandboxError : FailureCode::Internal, session.error().message});
    }
    m_session = *session;
    m_sessionId = m_session->id();
    if (m_servers)
        m_session->use(std::move(m_servers));
    connect(m_session, &engine::Session::event, this, &SessionRun::onEvent);
    connect(m_session, &engine::Session::turnEnded, this, &SessionRun::close);
    m_session->announce();
    emit opened(m_sessionId);
    if (m_interrupted)
        return fail(*m_interrupted);
    engine::Session::Wishes wishes{.limits = m_order.limits, .goesOn = m_order.goesOn};
    if (m_schema) {
        wishes.outputSchema = m_schema->json();
        wishes.mismatch = [this](const QString &message) { return m_schema->mismatch(message); };
    }
    m_session->submit(m_order.input, std::move(wishes));
}

/// It could not even be asked.
void SessionRun::fail(const TurnError &error)
{
    m_transcript.error = error;
    close();
}

void SessionRun::onEvent(const Event &e)
{
    m_transcript.take(e);
    emit event(e);
}

void SessionRun::close()
{
    if (!m_session) {
        QMetaObject::invokeMethod(this, &SessionRun::finished, Qt::QueuedConnection);
        return;
    }
    connect(m_session, &engine::Session::closed, this, [this] {
        std::exchange(m_session, nullptr)->deleteLater();
        emit finished();
    });
    m_session->close();
}

void SessionRun::interrupt(const TurnError &why, std::chrono::milliseconds grace)
{
    if (m_session)
        m_session->interrupt(why, grace);
    else
        m_interrupted = why;
}

bool SessionRun::steer(const UserInput &input)
{
    return m_session && m_session->steer(input);
}

void SessionRun::holdClock()
{
    if (m_session)
        m_session->holdClock();
}

void SessionRun::releaseClock()
{
    if (m_session)
        m_session->releaseClock();
}

} // namespace nightshift::batch
