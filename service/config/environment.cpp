#include "environment.h"
#include <unistd.h>

namespace nightshift::config {

Environment processEnvironment()
{
    Environment variables;
    for (char **entry = environ; entry && *entry; ++entry) {
        const QByteArrayView text(*entry);
        if (const qsizetype split = text.indexOf('='); split > 0)
            variables.insert(QString::fromLocal8Bit(text.first(split)), QString::fromLocal8Bit(text.sliced(split + 1)));
    }
    return variables;
}

QString firstSet(const Environment &environment, std::initializer_list<QString> names)
{
    for (const QString &name : names) {
        if (const QString value = environment.value(name); !value.isEmpty())
            return value;
    }
    return {};
}

} // namespace nightshift::config
