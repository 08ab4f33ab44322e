#pragma once
#include <QByteArray>

namespace nightshift::test {

/// What a script's hook can do instead of an answer.
struct BadHook
{
    const char *name;
    const char *body; ///< Of onCommand.
};
inline constexpr BadHook badHooks[]{
    {"a throw", "throw new Error('oops');"},
    {"an endless loop", "for (;;) { try { for (;;) {} } catch (error) {} }"},
    {"nonsense", "return 'sure';"},
    {"a memory bomb", "const all = []; for (;;) all.push(new Array(1e6).fill(7));"},
};

/// A file of hooks with that one.
inline QByteArray hookFile(const BadHook &bad)
{
    return QByteArray("import { hooks } from 'nightshift';\nhooks({ onCommand() { ") + bad.body + " } });\n";
}

} // namespace nightshift::test
