#include "threaditems.h"
#include "base/shellwords.h"

using namespace Qt::StringLiterals;

namespace nightshift::wire {

QString itemId(int number)
{
    return u"item_"_s + QString::number(number);
}

RawJson textItem(const QString &id, const char *type, const QString &text)
{
    return json::object({{"id", id}, {"type", type}, {"text", text}});
}

RawJson commandItem(const QString &id, const CommandLine &command, const QString &output, std::optional<int> exitCode,
                    const char *status)
{
    return json::object({{"id", id},
                         {"type", "command_execution"},
                         {"command", shellQuoted(command.argv)},
                         {"aggregated_output", output},
                         {"exit_code", json::orNull(exitCode)},
                         {"status", status}});
}

} // namespace nightshift::wire
