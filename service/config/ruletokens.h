#pragma once
#include "base/result.h"
#include <vector>

namespace nightshift::config {

/// A piece of a rules file, which is written in a little of Starlark.
struct RuleToken
{
    enum class Kind {
        Name,
        String, ///< `text` is what it says, without quotes and escapes.
        Sign,   ///< One of ( ) [ ] , = ;
        LineEnd,
        End,
    };
    Kind kind = Kind::End;
    QString text;
    int line = 0; ///< From 1.
    bool operator==(const RuleToken &) const = default;
};

struct RuleTokenError
{
    int line = 0;
    QString message;
};

/// The tokens of a text, comments left out, the last one an End. Whatever rules do not need is an error.
/// Source: https://github.com/bazelbuild/starlark/blob/master/spec.md#lexical-elements
std::expected<std::vector<RuleToken>, RuleTokenError> ruleTokens(QStringView text);

} // namespace nightshift::config
