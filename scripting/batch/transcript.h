#pragma once
#include "domain/event.h"

namespace nightshift::batch {

/// What a turn's events come to. Pure; of a session that is continued it is fed the recorded events first.
struct Transcript
{
    bool asked = false;          ///< The prompt is in the conversation.
    std::optional<QString> text; ///< The last message.
    bool refusal = false;
    bool isWhole = false;           ///< An answer came to its end and called nothing since.
    bool completed = false;         ///< The turn ended well.
    std::optional<TurnError> error; ///< Why it did not.
    Usage usage;                    ///< Of what was told here.
    qint64 requests = 0;            ///< That were answered.
    QStringList files;              ///< Changed by patches, absolute.
    bool sawToken = false;          ///< The model began to answer.

    void take(const Event &event);
    /// That of the next turn of the same conversation: nothing happened yet, but the session's usage goes on.
    Transcript next() const;

private:
    Usage m_total; ///< Of the session, as last told.
};

/// What came on top of `before`; tokens never become fewer.
Usage difference(const Usage &after, const Usage &before);

} // namespace nightshift::batch
