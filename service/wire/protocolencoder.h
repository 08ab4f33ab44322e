#pragma once
#include "wire/eventencoder.h"

namespace nightshift::wire {

/// The older protocol's lines: {"id","msg":{"type",…}}. Deltas of text are left out, as its own writer did.
/// `id` numbers the submissions: "0" for what precedes the first turn, then that of the latest turn.
class ProtocolEncoder : public EventEncoder
{
public:
    struct Summary
    {
        QString workdir;
        QString model;
        QString provider;
        QString approval;
        QString sandbox; ///< As the human summary words it.
        std::optional<QString> reasoningEffort;
        std::optional<QString> reasoningSummaries;
    };
    /// The first line of a run.
    static RawJson summaryLine(const Summary &summary);
    /// The second.
    static RawJson promptLine(const QString &prompt);

    std::optional<RawJson> encode(const Event &event) override;

    /// The last line of a run; task_complete precedes it.
    RawJson shutdownLine() const;

private:
    RawJson line(RawJson message) const;

    int m_submission = 0;
};

} // namespace nightshift::wire
