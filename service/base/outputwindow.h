#pragma once
#include <QByteArray>

namespace nightshift {

/// Keeps the first and last bytes of a stream, half of `budget` each, counting what fell out between.
/// feed() may split UTF-8 anywhere; the cuts are moved to character boundaries when text() joins them.
class OutputWindow
{
public:
    explicit OutputWindow(qsizetype budgetBytes)
        : m_half(budgetBytes / 2)
    {}

    void feed(QByteArrayView bytes);
    qint64 totalBytes() const { return m_total; }
    qint64 omittedBytes() const;
    /// Everything, or head, "\n... N bytes omitted ...\n", tail.
    QByteArray text() const;

private:
    qsizetype m_half;
    qint64 m_total = 0;
    QByteArray m_head;
    QByteArray m_tail;      ///< A ring once it has m_half bytes.
    qsizetype m_oldest = 0; ///< Where in m_tail the first of the last bytes stands.
};

} // namespace nightshift
