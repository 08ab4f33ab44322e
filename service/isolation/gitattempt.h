#pragma once
#include "tools/attachedprocess.h"

namespace nightshift::isolation {

/// What became of one start of Git.
struct GitAttempt
{
    QByteArray out;
    QByteArray errors;               ///< The last of them.
    std::optional<QString> neverRan; ///< Why.
    bool isCutOff = false;           ///< It took too long, or printed too much.
    bool isFine = false;
};

/// Runs it and waits for it, for so long and so much as is reasonable: a filter that never ends must not hold us.
GitAttempt attemptGit(const tools::Sandbox &sandbox, const tools::AttachedProcess::Options &options,
                      const QByteArray &input);

} // namespace nightshift::isolation
