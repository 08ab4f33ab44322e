#include "settingvalues.h"
#include "config/settingkeys.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::config::keys {

QString text(const Entry &e)
{
    return e.value.string() ? *e.value.string() : QString();
}

bool flag(const Entry &e)
{
    return e.value.boolean() && *e.value.boolean();
}

qint64 number(const Entry &e)
{
    return e.value.integer() ? *e.value.integer() : 0;
}

std::chrono::milliseconds milliseconds(const Entry &e)
{
    return std::chrono::milliseconds(number(e));
}

std::chrono::milliseconds duration(const Entry &e)
{
    return e.value.string() ? parseDuration(*e.value.string()).value_or(0ms) : std::chrono::seconds(number(e));
}

std::chrono::seconds seconds(const Entry &e)
{
    return std::chrono::ceil<std::chrono::seconds>(duration(e));
}

std::chrono::milliseconds fromSeconds(const Entry &e)
{
    const double *real = std::get_if<double>(&e.value.data);
    return real ? std::chrono::milliseconds(qint64(*real * 1000)) : std::chrono::seconds(number(e));
}

QString path(const Entry &e, const QString &written)
{
    if (written.isEmpty())
        return written;
    if (written == u"~"_s || written.startsWith(u"~/"_s))
        return QDir::cleanPath(QDir::homePath() + written.sliced(1));
    const QString base = e.origin.line ? QFileInfo(e.origin.source).path() : e.base;
    return QDir::cleanPath(QDir(base).absoluteFilePath(written));
}

QStringList paths(const Entry &e)
{
    QStringList absolute;
    for (const QString &written : e.value.strings())
        absolute += path(e, written);
    return absolute;
}

QStringList names(const Entry &e)
{
    QStringList names;
    if (e.value.list()) {
        for (const Value &item : *e.value.list()) {
            const Value *name = item.table() ? item.member(u"name") : &item;
            if (name && name->string())
                names += *name->string();
        }
    }
    return names;
}

QString memberText(const Value &table, QStringView name)
{
    const Value *member = table.member(name);
    return member && member->string() ? *member->string() : QString();
}

} // namespace nightshift::config::keys
