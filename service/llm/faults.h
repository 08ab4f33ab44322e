#pragma once
#include "domain/settings.h"
#include "llm/httpclient.h"

namespace nightshift::llm {

/// What goes wrong with some requests of a run.
struct Fault
{
    enum class Kind {
        Status,   ///< This status is answered instead of asking.
        Cut,      ///< The connection breaks after so many bytes of the answer.
        Stall,    ///< Nothing ever comes.
        Context,  ///< The conversation is said to be too long.
        Refusal,  ///< The model declines.
        Nonsense, ///< It says something that no schema allows.
        Stop,     ///< The program is told to end, as by SIGTERM.
    };
    QString word; ///< As it was given: "cut@5:300".
    Kind kind = Kind::Status;
    qint64 first = 1; ///< Requests are counted from 1.
    qint64 last = 1;  ///< The highest number for one without an end.
    int status = 0;
    qint64 bytes = 0; ///< Of Cut.
    bool operator==(const Fault &) const = default;
};

/// "429@2,cut@5:300,stall@7": KIND@N, or KIND@N-M, or KIND@N- for all from the N-th on.
Result<std::vector<Fault>> parseFaults(const QString &text);

/// Another client that has these faults. Invalid where the wire of the provider's models has no words for one. Those
/// that never happened are named in the log when it ends.
Result<std::unique_ptr<HttpClient>> withFaults(std::unique_ptr<HttpClient> client, const QString &text, WireApi wire);

} // namespace nightshift::llm
