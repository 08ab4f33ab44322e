#include "bash/parsescript.h"

extern "C" __attribute__((visibility("default"))) void nightshiftParseScript(const QString &text,
                                                                             nightshift::commands::Script &script)
{
    script = nightshift::bash::parseScript(text);
}
