#include "hookrunner/hookrunner.h"
#include "jstexts.h"
#include "script/command.h"
#include <QCoreApplication>
#include <QFileInfo>
#include <array>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::hookrunner {

namespace {

script::ScriptPlan planFor(const QString &path, std::function<void(const QString &)> print)
{
    script::HostModule host{.source = script::hooksScript};
    host.later["exec"] = [folder = QFileInfo(path).path()](const RawJson &call, const script::Answer &answer) {
        script::Command::run(call, folder, answer, QCoreApplication::instance());
    };
    return {
        .path = path, .main = script::ScriptPlan::Main::Optional, .host = std::move(host), .print = std::move(print)};
}

} // namespace

HookRunner::HookRunner(const QString &path, std::chrono::milliseconds deadline)
    : m_deadline(deadline)
    , m_stdin(STDIN_FILENO, QSocketNotifier::Read)
    , m_script(planFor(path, [this](const QString &text) { say(json::object({{"print", text}})); }))
{
    connect(&m_stdin, &QSocketNotifier::activated, this, &HookRunner::onInput);
    connect(&m_script, &script::ScriptThread::finished, this, &HookRunner::onLoaded);
}

void HookRunner::onLoaded(const script::Outcome &outcome)
{
    if (!outcome)
        return say(json::object({{"failed", outcome.error().text()}}));
    m_script.call("described", {"[]"}, m_deadline, [this](const script::Outcome &described) {
        say(described ? json::object({{"ready", *described}}) : json::object({{"failed", described.error().text()}}));
    });
}

void HookRunner::onInput()
{
    std::array<char, 65536> bytes;
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count <= 0)
        ::_exit(0); // nothing is worth waiting for, nor is it sure that the script would let us
    m_input.append(bytes.data(), count);
    for (qsizetype end; (end = m_input.indexOf('\n')) >= 0; m_input.remove(0, end + 1))
        take(m_input.first(end));
}

void HookRunner::take(const QByteArray &line)
{
    const auto document = JsonDocument::parse(line);
    if (!document)
        return;
    const JsonView told = document->root();
    const qint64 withdrawn = told["withdraw"].toInteger(), id = told["id"].toInteger();
    if (const auto call = m_calls.find(withdrawn); call != m_calls.end()) {
        m_script.withdraw(call->second);
        m_calls.erase(call);
        say(json::object({{"id", withdrawn}, {"error", "the question was withdrawn"}}));
    }
    if (id == 0)
        return;
    const RawJson args = json::array({told["hook"].raw(), told["event"].raw()});
    m_calls[id] = m_script.call("hook", args, m_deadline, [this, id](const script::Outcome &outcome) {
        m_calls.erase(id);
        say(outcome ? json::object({{"id", id}, {"answer", *outcome}})
                    : json::object({{"id", id}, {"error", outcome.error().message}}));
    });
}

void HookRunner::say(const RawJson &line)
{
    QByteArray bytes = line.text + '\n';
    while (!bytes.isEmpty()) {
        const ssize_t written = ::write(STDOUT_FILENO, bytes.constData(), size_t(bytes.size()));
        if (written <= 0)
            ::_exit(0); // nobody listens any more
        bytes.remove(0, written);
    }
}

} // namespace nightshift::hookrunner
