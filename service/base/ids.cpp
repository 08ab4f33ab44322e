#include "ids.h"
#include <QUuid>
#include <chrono>
#include <sys/random.h>

namespace nightshift {

QString newId()
{
    QUuid::Id128Bytes id;
    if (::getrandom(id.data, sizeof id.data, 0) != ssize_t(sizeof id.data))
        qFatal("the kernel gave no random bytes");
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const quint64 ms = quint64(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    for (int i = 0; i < 6; ++i)
        id.data[i] = quint8(ms >> (40 - 8 * i));
    id.data[6] = 0x70 | (id.data[6] & 0x0F); // version 7
    id.data[8] = 0x80 | (id.data[8] & 0x3F); // the RFC's variant
    return QUuid(id).toString(QUuid::WithoutBraces);
}

bool isUuid(QStringView text)
{
    return text.size() == 36 && !QUuid::fromString(text).isNull();
}

} // namespace nightshift
