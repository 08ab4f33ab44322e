#include "tooltape.h"
#include "base/boundedfile.h"
#include "tools/answerjob.h"
#include "wire/eventmessage.h"
#include <algorithm>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

using Use = ToolTape::Place::Use;

/// The call that a command's event belongs to; nothing for other events.
std::optional<CallId> callOf(const Event &event)
{
    return std::visit(Overloaded{
                          [](const CommandStarted &e) { return std::optional(e.call); },
                          [](const CommandOutput &e) { return std::optional(e.call); },
                          [](const CommandFinished &e) { return std::optional(e.call); },
                          [](const auto &) { return std::optional<CallId>(); },
                      },
                      event);
}

/// A call that was kept: begun at once, as its events say, and ended from the event loop.
class ToldJob final : public tools::ToolJob
{
public:
    ToldJob(ToolTape::Call kept, const CallId &id, tools::Tell tell, QObject *parent)
        : ToolJob(parent)
    {
        for (const Event &event : kept.events) {
            if (std::holds_alternative<CommandStarted>(event))
                tell(event);
        }
        const auto end = [this, kept = std::move(kept), id, tell = std::move(tell)] {
            for (const Event &event : kept.events) {
                if (!std::holds_alternative<CommandStarted>(event))
                    tell(event);
            }
            emit finished({id, kept.output});
        };
        QMetaObject::invokeMethod(this, end, Qt::QueuedConnection);
    }
    void cancel() override {} // too late: the answer is on its way
};

/// A tool whose calls are kept, or answered from what was kept.
class TapedTool final : public tools::Tool
{
public:
    TapedTool(std::unique_ptr<tools::Tool> tool, ToolTape &tape, tools::ToolBox &box)
        : m_tool(std::move(tool))
        , m_tape(tape)
        , m_box(box)
    {}

    QString name() const override { return m_tool->name(); }
    RawJson definition() const override { return m_tool->definition(); }
    tools::Proposal propose(const ToolCall &call) override { return m_tool->propose(call); }

    tools::ToolJob *start(const ToolCall &call, QObject *parent) override
    {
        if (m_tape.use() == Use::Record)
            return recorded(call, parent);
        if (auto kept = m_tape.take(call))
            return new ToldJob(*std::move(kept), call.id, m_box.tell(), parent);
        if (m_tape.use() == Use::ReplayOrRun)
            return m_tool->start(call, parent);
        return tools::answerText(call, u"This call is not on the cassette, and nothing was run."_s, parent);
    }

private:
    /// Listens before it begins: a command is told of at once.
    tools::ToolJob *recorded(const ToolCall &call, QObject *parent)
    {
        auto *ear = new QObject;
        const auto kept = std::make_shared<ToolTape::Call>(call.id, call.name, call.arguments);
        const bool isOwn = name() != "write_stdin"_L1; // that speaks to a command of another call
        QObject::connect(&m_box, &tools::ToolBox::event, ear, [kept, isOwn](const Event &event) {
            const auto of = callOf(event);
            if (of && (!isOwn || *of == kept->id)) // other calls may be under way
                kept->events.push_back(event);
        });
        tools::ToolJob *job = m_tool->start(call, parent);
        ear->setParent(job);
        QObject::connect(job, &tools::ToolJob::finished, job, [kept, tape = &m_tape](const ToolAnswer &answer) {
            kept->output = answer.output;
            tape->keep(*kept);
        });
        return job;
    }

    std::unique_ptr<tools::Tool> m_tool;
    ToolTape &m_tape;
    tools::ToolBox &m_box;
};

/// {{WORK}} and the like, which no folder is called.
QByteArray placeholder(const QString &name)
{
    return "{{" + name.toUtf8() + "}}";
}

QByteArray named(QByteArray text, const llm::FolderNames &folders)
{
    for (const auto &[folder, name] : folders) {
        if (folder.size() > 1)
            text.replace(folder.toUtf8(), placeholder(name));
    }
    return text;
}

QByteArray placed(QByteArray text, const llm::FolderNames &folders)
{
    for (const auto &[folder, name] : folders)
        text.replace(placeholder(name), folder.toUtf8());
    return text;
}

} // namespace

Result<std::shared_ptr<ToolTape>> ToolTape::open(Place place)
{
    std::shared_ptr<ToolTape> tape(new ToolTape(std::move(place)));
    if (tape->use() == Use::Record)
        return tape;
    const QString path = llm::cassettePath(tape->m_place.folder);
    const auto text = readBounded(path, fileuse::cassette);
    if (!text)
        return failAt(u"--replay-tools: %1 cannot be read"_s.arg(path), text.error());
    for (const QByteArray &line : placed(*text, tape->m_place.folders).split('\n')) {
        const auto document = JsonDocument::parse(line);
        if (!document || !document->root()["tool"].isString())
            continue;
        const JsonView root = document->root();
        Call call{.id = root["call"].toString(),
                  .name = root["tool"].toString(),
                  .arguments = root["arguments"].utf8().toByteArray(),
                  .events = {},
                  .output = root["output"].raw()};
        for (const JsonView &message : root["events"].items()) {
            if (auto event = wire::fromMessage(message))
                call.events.push_back(std::move(*event));
        }
        tape->m_calls.push_back(std::move(call));
    }
    return tape;
}

void ToolTape::equip(tools::ToolBox &box)
{
    for (const QString &name : {u"exec_command"_s, u"write_stdin"_s})
        box.wrap(name, [&](std::unique_ptr<tools::Tool> tool) {
            return std::make_unique<TapedTool>(std::move(tool), *this, box);
        });
}

void ToolTape::keep(const Call &call)
{
    std::vector<RawJson> events;
    for (const Event &event : call.events)
        events.push_back(wire::toMessage(event));
    const RawJson line = json::object({{"tool", call.name},
                                       {"call", call.id},
                                       {"arguments", call.arguments},
                                       {"output", call.output},
                                       {"events", json::array(events)}});
    const QByteArray written = llm::withoutSecrets(named(line.text, m_place.folders), m_place.secrets) + '\n';
    if (const auto file = openToAppend(llm::cassettePath(m_place.folder))) // one write: other processes record, too
        std::ignore = ::write(file->get(), written.data(), size_t(written.size()));
}

std::optional<ToolTape::Call> ToolTape::take(const ToolCall &call)
{
    const auto fits = [&](const Call &each) { return each.name == call.name && each.arguments == call.arguments; };
    auto found = std::ranges::find_if(m_calls, [&](const Call &each) { return fits(each) && each.id == call.id; });
    if (found == m_calls.end())
        found = std::ranges::find_if(m_calls, fits);
    if (found == m_calls.end())
        return {};
    const Call taken = std::move(*found);
    m_calls.erase(found);
    return taken;
}

} // namespace nightshift::engine
