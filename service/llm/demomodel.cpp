#include "demomodel.h"
#include "base/jsonreader.h"
#include "llm/preparedanswer.h"
#include "llm/schemaexample.h"
#include <QStringList>

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

using json::object;

/// What the request tells of the turn under way.
struct Scene
{
    int turn = 0; ///< User prompts so far; keeps call ids apart.
    QString prompt;
    bool mayWrite = false;
    std::vector<std::pair<QString, QString>> outputs; ///< Call id without its turn, printed text.

    QString output(QStringView call) const
    {
        for (const auto &[id, text] : outputs) {
            if (id == call)
                return text;
        }
        return {};
    }
};

bool isPrompt(const QString &text)
{
    return !text.startsWith(u'<') && !text.startsWith(u"# AGENTS.md"_s);
}

/// A tool's reply without the lines about time and exit code that precede what was printed.
QString printed(const QString &reply)
{
    constexpr auto marker = "Output:\n"_L1;
    const qsizetype start = reply.indexOf(marker);
    return (start < 0 ? reply : reply.sliced(start + marker.size())).trimmed();
}

Scene readScene(JsonView request)
{
    Scene scene;
    for (const JsonView item : request["input"].items()) {
        const QByteArrayView type = item["type"].utf8();
        if (type == "message") {
            const QString text = item["content"][item["content"].size() - 1]["text"].toString();
            if (item["role"].utf8() == "developer" && text.contains("sandbox"_L1))
                scene.mayWrite = text.contains("workspace-write"_L1) || text.contains("danger-full-access"_L1);
            if (item["role"].utf8() != "user" || !isPrompt(text))
                continue;
            ++scene.turn;
            scene.prompt = text;
            scene.outputs.clear();
        } else if (type.endsWith("_output")) {
            scene.outputs.emplace_back(item["call_id"].toString().section(u'-', 1, 1),
                                       printed(item["output"].toString()));
        }
    }
    return scene;
}

class Script
{
public:
    explicit Script(const Scene &scene)
        : m_scene(scene)
    {
        event(object({{"type", "response.created"}, {"response", object({{"id", "demo"}})}}));
    }

    void think(const QString &summary)
    {
        const RawJson part = object({{"type", "summary_text"}, {"text", summary}});
        done(object({{"type", "reasoning"}, {"id", id("rs")}, {"summary", json::array({part})}}));
    }

    void call(const char *name, const char *tool, const RawJson &arguments)
    {
        done(object({{"type", "function_call"},
                     {"id", id("fc")},
                     {"call_id", u"demo-%1-%2"_s.arg(QString::fromLatin1(name)).arg(m_scene.turn)},
                     {"name", tool},
                     {"arguments", QString::fromUtf8(arguments.text)}}));
    }

    void command(const char *name, const QString &cmd)
    {
        call(name, "exec_command", object({{"cmd", cmd}, {"login", false}}));
    }

    void say(const QString &text)
    {
        for (const QString &word : text.split(u' '))
            event(object({{"type", "response.output_text.delta"}, {"delta", word + u' '}}));
        const RawJson part = object({{"type", "output_text"}, {"text", text}});
        done(object({{"type", "message"}, {"role", "assistant"}, {"id", id("msg")}, {"content", json::array({part})}}));
    }

    QByteArray finished()
    {
        // No tokens were used: nothing was sent to a model.
        event(object({{"type", "response.completed"}, {"response", object({{"id", "demo"}})}}));
        return m_stream;
    }

private:
    void event(const RawJson &data) { m_stream += "data: " + data.text + "\n\n"; }
    void done(const RawJson &item) { event(object({{"type", "response.output_item.done"}, {"item", item}})); }
    QString id(const char *kind)
    {
        return u"%1_demo_%2_%3"_s.arg(QLatin1StringView(kind)).arg(m_scene.turn).arg(m_items++);
    }

    const Scene &m_scene;
    int m_items = 0;
    QByteArray m_stream;
};

constexpr int allSteps = 3;

RawJson plan(int done, bool mayWrite)
{
    QStringList steps{u"Look at the folder and its history"_s};
    if (mayWrite)
        steps += u"Leave a note"_s;
    steps += u"Tell what is here"_s;
    std::vector<RawJson> list;
    for (int i = 0; i < steps.size(); ++i)
        list.push_back(object({{"step", steps[i]},
                               {"status", i < done    ? "completed"
                                          : i == done ? "in_progress"
                                                      : "pending"}}));
    return object({{"plan", json::array(list)}});
}

constexpr auto noteFile = "NIGHTSHIFT-DEMO.md"_L1;

RawJson notePatch(const QString &prompt)
{
    const QString quoted = prompt.section(u'\n', 0, 0).left(200);
    return object(
        {{"input", u"*** Begin Patch\n*** Add File: %1\n+Written by nightshift's demonstration.\n+It was asked: %2\n"
                   "*** End Patch\n"_s.arg(noteFile, quoted)}});
}

QString report(const Scene &scene)
{
    const QStringList entries = scene.output(u"look").split(u'\n', Qt::SkipEmptyParts);
    const QString history = scene.output(u"history");
    const QString readme = scene.output(u"readme");
    QStringList lines;
    lines += u"I am nightshift's built-in demonstration, a script and no language model, so I cannot really answer "
             "\"%1\"; but what follows was read by commands that just ran in the sandbox."_s.arg(
                 scene.prompt.section(u'\n', 0, 0));
    lines += u"This folder holds %1 entries: %2."_s.arg(entries.size()).arg(entries.join(u", "_s));
    if (!readme.isEmpty())
        lines += u"Its README begins: %1"_s.arg(readme.section(u'\n', 0, 0));
    lines +=
        history.isEmpty() ? u"It is not a Git repository with commits."_s : u"Its last commits are:\n%1"_s.arg(history);
    if (scene.mayWrite)
        lines += u"I was allowed to write and was told: %1"_s.arg(scene.output(u"note").section(u'\n', 0, 0));
    else
        lines +=
            u"The sandbox is read-only, so I changed nothing; with --sandbox workspace-write I leave a note in %1."_s
                .arg(noteFile);
    return lines.join(u"\n\n"_s);
}

} // namespace

QByteArray demoAnswer(const QByteArray &requestBody)
{
    const auto request = JsonDocument::parse(requestBody);
    const Scene scene = request ? readScene(request->root()) : Scene();
    Script script(scene);
    if (scene.outputs.empty()) {
        script.think(u"**Looking around**"_s);
        script.call("plan", "update_plan", plan(0, scene.mayWrite));
        script.command("look", u"ls -A"_s);
        script.command("history", u"git log --oneline -3 2>/dev/null"_s);
        script.command("readme", u"grep -m1 -v '^ *$' README.md 2>/dev/null"_s);
    } else if (scene.mayWrite && scene.output(u"note").isEmpty()) {
        script.call("plan", "update_plan", plan(1, true));
        script.call("note", "apply_patch", notePatch(scene.prompt));
    } else if (scene.output(u"done").isEmpty()) {
        script.call("done", "update_plan", plan(allSteps, scene.mayWrite));
    } else if (const JsonView schema = request->root()["text"]["format"]["schema"]; schema.isObject()) {
        script.say(QString::fromUtf8(exampleOf(schema).text)); // whoever asks for JSON cannot read who speaks
    } else {
        script.say(report(scene));
    }
    return script.finished();
}

std::unique_ptr<HttpExchange> DemoModel::send(HttpRequest request, HttpHandlers handlers)
{
    QByteArray body;
    for (const QByteArray &piece : request.body)
        body += piece;
    return deliver({.body = demoAnswer(body)}, std::move(handlers));
}

} // namespace nightshift::llm
