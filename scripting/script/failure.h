#pragma once
#include "base/rawjson.h"
#include <QStringList>
#include <expected>

namespace nightshift::script {

/// Why a script ended, in the words and places of who wrote it.
struct Failure
{
    enum class Kind {
        Script,   ///< It threw, or cannot be run.
        Deadline, ///< It took too long.
        Canceled,
        Memory, ///< It used more than it may.
    };
    Kind kind = Kind::Script;
    QString message;   ///< One sentence that begins with the place, where there is one: "audit.js:7: TypeError: …".
    QStringList stack; ///< "default (audit.js:7)", the innermost first.
    bool operator==(const Failure &) const = default;

    /// For people: the message, and each frame on a line of its own.
    QString text() const;
};

/// What a function of a script came to, as JSON.
using Outcome = std::expected<RawJson, Failure>;

inline std::unexpected<Failure> failed(Failure::Kind kind, const QString &message)
{
    return std::unexpected(Failure{kind, message, {}});
}

} // namespace nightshift::script
