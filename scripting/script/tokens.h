#pragma once
#include <QString>
#include <vector>

namespace nightshift::script {

/// One token of JavaScript or TypeScript.
struct Token
{
    enum class Kind {
        Word, ///< Names and keywords.
        Number,
        String,     ///< With its quotes.
        Template,   ///< A stretch of one, up to `${` or its end.
        Regex,      ///< With its slashes and flags.
        Punctuator, ///< One character.
    };
    Kind kind = Kind::Punctuator;
    QString text;
    int line = 1;
    qsizetype at = 0; ///< Where it begins.
    bool operator==(const Token &) const = default;
};

/// What a source is made of, comments left out; for questions that can be answered without understanding it. It never
/// fails: what is wrong in the source will be told by whoever runs it. What a slash is, is told from the token before.
std::vector<Token> tokens(const QString &source);

} // namespace nightshift::script
