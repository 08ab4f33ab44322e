#pragma once
#include "tools/tool.h"

namespace nightshift::tools {

/// A call that needs no time: the answer is known, and comes from the event loop like every other.
class AnswerJob : public ToolJob
{
    Q_OBJECT

public:
    AnswerJob(ToolAnswer answer, QObject *parent);
    void cancel() override {} // too late: the answer is on its way
};

/// The answer as the JSON string that models are given for text.
ToolJob *answerText(const ToolCall &call, QByteArrayView utf8, QObject *parent);
ToolJob *answerText(const ToolCall &call, const QString &text, QObject *parent);

} // namespace nightshift::tools
