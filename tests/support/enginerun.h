#pragma once
#include "engine/engine.h"
#include "net/networkclient.h"
#include "support/scriptedserver.h"
#include "wire/threadencoder.h"
#include <QTemporaryDir>
#include <QTest>

/// One session of the real engine, with real commands, in a folder of its own, against a scripted server.
class EngineRun
{
public:
    EngineRun()
        : m_folder(QDir::homePath() + QStringLiteral("/nightshift-XXXXXX")) // /tmp is a writable root by itself
    {
        qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
        settings.home.state = path(QStringLiteral("state"));
        settings.cwd = path(QStringLiteral("tree"));
        QDir().mkpath(settings.cwd);
        QDir().mkpath(settings.home.state);
        settings.model = QStringLiteral("m");
        settings.modelInfo.freeformPatch = true;
        settings.allowLoginShell = false; // profiles of the machine would print into the tests
        settings.provider = {.id = QStringLiteral("mock"), .baseUrl = server.url(), .requestMaxRetries = 0};
        settings.sandbox.mode = nightshift::SandboxPolicy::Mode::DangerFullAccess;
    }

    QString path(const QString &name) const { return QFileInfo(m_folder.path()).canonicalFilePath() + u'/' + name; }
    QString work(const QString &name) const { return settings.cwd + u'/' + name; }

    /// Opened when it is first asked for.
    nightshift::engine::Session *session()
    {
        if (m_session)
            return m_session;
        auto created = engine.create(settings, nightshift::engine::Persist::Yes);
        if (!created)
            qFatal("%s", qPrintable(created.error().message));
        return use(*created);
    }
    nightshift::engine::Session *use(nightshift::engine::Session *session)
    {
        using namespace nightshift;
        m_session = session;
        QObject::connect(session, &engine::Session::event, session, [this](const Event &event) {
            events.push_back(event);
            if (const auto line = m_encoder.encode(event))
                lines += line->text;
            if (onEvent)
                onEvent(event);
        });
        return session;
    }
    /// Lets go of its log.
    void closeSession() { delete std::exchange(m_session, nullptr); }
    /// Runs a turn to its end.
    bool run(const QString &prompt, nightshift::engine::Session::Wishes wishes = {})
    {
        session();
        return waitForEnd([&] { m_session->submit({.text = prompt}, std::move(wishes)); });
    }
    bool waitForEnd(const std::function<void()> &start)
    {
        QEventLoop loop;
        QObject::connect(m_session, &nightshift::engine::Session::turnEnded, &loop, [&loop] { loop.exit(1); });
        QTimer::singleShot(30'000, &loop, &QEventLoop::quit);
        start();
        return loop.exec() == 1;
    }
    /// The last event of a kind; an empty one where there is none.
    template <typename T>
    T last() const
    {
        for (auto event = events.rbegin(); event != events.rend(); ++event) {
            if (const T *found = std::get_if<T>(&*event))
                return *found;
        }
        return {};
    }
    template <typename T>
    int count() const
    {
        return int(std::ranges::count_if(events, [](const auto &event) { return std::holds_alternative<T>(event); }));
    }
    /// What the model was sent last.
    QByteArray lastRequest() const { return server.requests().empty() ? QByteArray() : server.requests().back().body; }

    ScriptedServer server;
    nightshift::Settings settings;
    std::vector<nightshift::Event> events;
    QByteArrayList lines;
    std::function<void(const nightshift::Event &)> onEvent;

private:
    QTemporaryDir m_folder;
    nightshift::net::NetworkClient m_http{nightshift::llm::NetworkOptions{}};
    nightshift::wire::ThreadEncoder m_encoder;
    nightshift::engine::Session *m_session = nullptr; ///< The engine's.

public:
    nightshift::engine::Engine engine{
        m_http, QStringList{QStringLiteral("PATH=/usr/bin:/bin"), QStringLiteral("SHELL=/bin/sh")},
        nightshift::store::Decompress()};
};
