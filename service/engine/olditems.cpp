#include "olditems.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

QString joined(JsonView parts)
{
    QStringList texts;
    for (const JsonView part : parts.items())
        texts += part["text"].toString();
    return texts.join(u'\n');
}

std::vector<Event> said(JsonView item)
{
    const QString text = joined(item["content"]);
    const QByteArrayView role = item["role"].utf8();
    if (role == "assistant")
        return {MessageCompleted{text}};
    // Context travels as user messages, too; all of it begins like markup.
    if (role != "user" || text.startsWith(u'<') || text.startsWith("# AGENTS.md"_L1))
        return {};
    return {UserSaid{{text, {}}}};
}

} // namespace

std::vector<Event> OldItems::called(JsonView item)
{
    const auto arguments = JsonDocument::parse(item["arguments"].utf8());
    const JsonView given = arguments ? arguments->root() : JsonView();
    const JsonView command = item["action"].isObject() ? item["action"]["command"] : given["command"];
    CommandLine line{.argv = {}, .cwd = given["workdir"].toString(item["action"]["working_directory"].toString())};
    for (const JsonView word : command.items())
        line.argv += word.toString();
    if (command.isString() || given["cmd"].isString())
        line.argv = QStringList{u"bash"_s, u"-lc"_s, command.toString(given["cmd"].toString())};
    if (line.argv.isEmpty())
        return {};
    const QString call = item["call_id"].toString();
    m_open.insert_or_assign(call, line);
    return {CommandStarted{call, line}};
}

/// {"output":"…","metadata":{"exit_code":0,"duration_seconds":0.1}} in a string; later ones are plain text.
std::vector<Event> OldItems::answered(JsonView item)
{
    const auto begun = m_open.extract(item["call_id"].toString());
    if (begun.empty())
        return {};
    CommandFinished end{.call = begun.key(), .command = begun.mapped(), .output = item["output"].toString()};
    if (const auto told = JsonDocument::parse(item["output"].utf8()); told && told->root().isObject()) {
        const JsonView metadata = told->root()["metadata"];
        end.output = told->root()["output"].toString();
        end.exitCode = int(metadata["exit_code"].toInteger());
        end.duration = std::chrono::milliseconds(qint64(1000 * metadata["duration_seconds"].toDouble()));
    }
    return {end};
}

std::vector<Event> OldItems::events(JsonView item)
{
    const QByteArrayView type = item["type"].utf8();
    if (type == "message")
        return said(item);
    if (type == "reasoning" && item["summary"].size() > 0)
        return {ReasoningCompleted{joined(item["summary"]), {}}};
    if (type == "function_call" || type == "local_shell_call")
        return called(item);
    if (type == "function_call_output")
        return answered(item);
    return {};
}

} // namespace nightshift::engine
