#pragma once
#include <QString>
#include <expected>

namespace nightshift {

/// Why an operation failed, in a form a caller can branch on and a person can read.
struct Error
{
    enum class Kind {
        Invalid,     ///< what we were given is wrong
        Usage,       ///< the command line itself is wrong: exit code 2
        NotFound,    ///< a named thing is not there
        Denied,      ///< permissions, the sandbox, a policy
        Network,     ///< the other side could not be reached, or the stream was cut
        RateLimited, ///< asked to slow down, or out of quota
        Protocol,    ///< the other side said something we do not understand
        Timeout,
        Canceled,
        DiskFull,
        Internal,
    };
    Kind kind = Kind::Internal;
    QString message; ///< One sentence without a final period; names the file, key or URL concerned.
    bool operator==(const Error &) const = default;
};

template <typename T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Error::Kind kind, QString message)
{
    return std::unexpected(Error{kind, std::move(message)});
}

/// The same error with the place prepended: "config.toml:12: …".
inline std::unexpected<Error> failAt(const QString &place, Error error)
{
    error.message = place + QStringLiteral(": ") + error.message;
    return std::unexpected(std::move(error));
}

/// Builds one visitor out of lambdas, for std::visit.
template <typename... Fs>
struct Overloaded : Fs...
{
    using Fs::operator()...;
};

} // namespace nightshift
