#pragma once
#include <QByteArrayView>
#include <optional>

namespace nightshift::store {

/// The lines of a text from the last to the first, without their line ends. What follows the last line end
/// is not a line: whoever wrote it was stopped.
class BackwardLines
{
public:
    explicit BackwardLines(QByteArrayView text);
    std::optional<QByteArrayView> next();

private:
    QByteArrayView m_text; ///< Ends behind a line end, or is empty.
};

/// The same lines from the first to the last.
class ForwardLines
{
public:
    explicit ForwardLines(QByteArrayView text)
        : m_text(text)
    {}
    std::optional<QByteArrayView> next();

private:
    QByteArrayView m_text;
};

} // namespace nightshift::store
