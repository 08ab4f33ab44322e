#include "batchend.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

/// "…, ended by batch.cost_usd; …" and "… at its limit script.wall_s"
static QString limitIn(const QString &message)
{
    for (const QString &before : {u"ended by "_s, u"its limit "_s}) {
        if (const qsizetype at = message.indexOf(before); at >= 0)
            return message.sliced(at + before.size()).section(u';', 0, 0);
    }
    return u"limit"_s;
}

static BatchEnd failure(const BatchChild::Ending &ending, bool isScript)
{
    const QString blamed = isScript ? u"script_error"_s : u"bad_request"_s;
    if (ending.wasStuck)
        return {"failed", blamed, u"it gave no sign of life for too long: an endless loop, or out of memory"_s};
    if (ending.exitCode < 0)
        return {"failed", isScript ? blamed : u"internal"_s,
                isScript ? u"its process crashed: out of memory, most likely"_s : u"its process crashed"_s};
    return {"failed", blamed, ending.message};
}

BatchEnd endOf(const BatchChild::Ending &ending, bool isScript, bool isCancelled, bool hasFailures)
{
    if (ending.wasStuck)
        return failure(ending, isScript);
    switch (ending.exitCode) {
    case 0:
        return {"completed", u"done"_s, {}, ending.result};
    case 1:
        return hasFailures ? BatchEnd{"completed", u"items_failed"_s, {}, ending.result} : failure(ending, isScript);
    case 10:
        return {"limit", limitIn(ending.message), ending.message, ending.result};
    case 75:
    case 130:
        return isCancelled ? BatchEnd{"cancelled", u"cancelled_by_user"_s} : BatchEnd{"interrupted", u"process_lost"_s};
    default:
        return failure(ending, isScript);
    }
}

} // namespace nightshift::api
