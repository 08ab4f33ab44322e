#pragma once
#include "app/commandline.h"
#include "base/result.h"
#include <functional>

namespace nightshift::app {

inline constexpr qsizetype maxPromptCharacters = 1 << 20; ///< Unicode characters; what the reference takes.

/// Bytes of a file or pipe as text: UTF-8 with or without byte order mark, UTF-16 with one. Errors name
/// the offset of what is not valid, counted from the first byte.
Result<QString> textFromBytes(QByteArrayView bytes);

/// Where a run's prompt comes from; decided before a byte is read.
struct PromptPlan
{
    enum class Stdin { Ignored, Appended, IsPrompt };
    Stdin fromStdin = Stdin::Ignored;
    std::optional<QString> text; ///< The argument, or the prompt file's content; absent when stdin is all there is.
    QLatin1StringView notice;    ///< For stderr, before reading waits for the end of stdin; may be empty.
    bool operator==(const PromptPlan &) const = default;
};

/// `fileText` is the content of --prompt-file, where one was given. An error is for stderr, exit 1.
Result<PromptPlan> planPrompt(const ExecOptions &options, std::optional<QString> fileText, bool stdinIsTerminal);

/// The prompt, once stdin's bytes are known; absent where a fork needs none.
Result<std::optional<QString>> finishPrompt(const PromptPlan &plan, QByteArrayView stdinBytes);

/// All of it: reads the prompt file and, where it is due, stdin to its end. Blocks; `notify` is called
/// with the line for stderr before it does.
Result<std::optional<QString>> readPrompt(const ExecOptions &options, int stdinFd,
                                          const std::function<void(QLatin1StringView)> &notify);

} // namespace nightshift::app
