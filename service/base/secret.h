#pragma once
#include <QByteArray>

namespace nightshift {

/// A key that can be used but not printed, logged or compared by accident: only reveal() gives the bytes.
class Secret
{
public:
    Secret() = default;
    explicit Secret(QByteArray bytes)
        : m_bytes(std::move(bytes))
    {}

    bool isEmpty() const { return m_bytes.isEmpty(); }
    const QByteArray &reveal() const { return m_bytes; }

private:
    QByteArray m_bytes;
};

} // namespace nightshift
