#include "tools/answerjob.h"

namespace nightshift::tools {

AnswerJob::AnswerJob(ToolAnswer answer, QObject *parent)
    : ToolJob(parent)
{
    QMetaObject::invokeMethod(
        this, [this, answer = std::move(answer)] { emit finished(answer); }, Qt::QueuedConnection);
}

ToolJob *answerText(const ToolCall &call, QByteArrayView utf8, QObject *parent)
{
    return new AnswerJob({call.id, json::string(utf8)}, parent);
}

ToolJob *answerText(const ToolCall &call, const QString &text, QObject *parent)
{
    return new AnswerJob({call.id, json::string(text)}, parent);
}

} // namespace nightshift::tools
