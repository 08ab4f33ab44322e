#pragma once
#include "base/jsonreader.h"
#include "tools/toolbox.h"
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <sys/wait.h>

/// A tool box in a folder of its own, with a plain shell and an environment that holds no surprises.
/// What it tells is kept in `events`, the beginning of what commands print in `streamed`.
class ToolSession
{
public:
    using Mode = nightshift::SandboxPolicy::Mode;

    explicit ToolSession(Mode mode = Mode::DangerFullAccess)
        // Not in /tmp, which is a writable root by itself.
        : m_folder(QDir::homePath() + QStringLiteral("/nightshift-XXXXXX"))
    {
        qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
        settings.cwd = QFileInfo(m_folder.path()).canonicalFilePath();
        settings.sandbox.mode = mode;
        settings.allowLoginShell = false; // profiles of the machine would print into the tests
    }

    /// Waits until nothing is left of the commands, neither processes nor objects: a test program that ends earlier
    /// would be told that these leak.
    ~ToolSession()
    {
        close();
        siginfo_t child;
        const auto isAlone = [&] { return waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) < 0; };
        if (!QTest::qWaitFor(isAlone, 30'000))
            qWarning("a command outlived its session");
        QTest::qWait(1); // one more turn of the event loop, in which the objects hear of it and go
    }

    nightshift::tools::ToolBox &box()
    {
        using namespace nightshift;
        if (m_box)
            return *m_box;
        const auto sandbox = tools::Sandbox::prepare(settings.sandbox, settings.cwd, {}, settings.commandLimits);
        if (!sandbox)
            qFatal("%s", qPrintable(sandbox.error().message));
        m_box = std::make_unique<tools::ToolBox>(settings, *sandbox, environment, QStringLiteral("session-1"));
        QObject::connect(m_box.get(), &tools::ToolBox::event, m_box.get(), [this](const Event &event) {
            if (const auto *output = std::get_if<CommandOutput>(&event))
                streamed = (streamed + output->chunk).left(1000);
            else
                events.push_back(event);
        });
        return *m_box;
    }
    void close() { m_box.reset(); }

    QString path(const QString &name) const { return settings.cwd + u'/' + name; }

    /// The answer's text, its chunk id and wall time as XXXXXX and T; or what is odd about it.
    QByteArray ask(const nightshift::ToolCall &call) { return textOf(answerTo(call).output); }
    QByteArray ask(const QString &tool, const QByteArray &arguments)
    {
        return ask({QStringLiteral("call_1"), tool, arguments});
    }
    nightshift::ToolAnswer answerTo(const nightshift::ToolCall &call)
    {
        QObject owner;
        nightshift::tools::ToolJob *job = box().call(call, &owner);
        QSignalSpy finished(job, &nightshift::tools::ToolJob::finished);
        if (!finished.wait(30'000))
            return {call.id, {"\"no answer\""}};
        return finished.first().first().value<nightshift::ToolAnswer>();
    }

    static QByteArray textOf(const nightshift::RawJson &output)
    {
        const auto document = nightshift::JsonDocument::parse(output.text);
        if (!document || !document->root().isString())
            return "no text: " + output.text;
        QByteArray text = document->root().utf8().toByteArray();
        replaceAfter(text, "Chunk ID: ", "XXXXXX", '\n');
        replaceAfter(text, "Wall time: ", "T", ' ');
        return text;
    }

    nightshift::Settings settings;
    QStringList environment{QStringLiteral("PATH=/usr/local/bin:/usr/bin:/bin"), QStringLiteral("SHELL=/bin/bash")};
    std::vector<nightshift::Event> events;
    QByteArray streamed;

private:
    static void replaceAfter(QByteArray &text, const QByteArray &label, const QByteArray &with, char end)
    {
        if (const qsizetype at = text.indexOf(label); at >= 0)
            text.replace(at + label.size(), text.indexOf(end, at + label.size()) - at - label.size(), with);
    }

    QTemporaryDir m_folder;
    std::unique_ptr<nightshift::tools::ToolBox> m_box;
};

/// The reply to a command that has printed `output`.
inline QByteArray replyOf(const QByteArray &how, const QByteArray &output)
{
    return "Chunk ID: XXXXXX\nWall time: T seconds\nProcess " + how +
           "\nOriginal token count: " + QByteArray::number((output.size() + 3) / 4) + "\nOutput:\n" + output;
}
