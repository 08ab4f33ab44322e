#pragma once
#include "base/jsonreader.h"
#include <QStringList>
#include <optional>

namespace nightshift::tools {

/// The arguments of a call by name, checked as they are asked for. Absent and null are the same; names
/// nobody asks for are ignored. The first thing that is wrong is kept: ask for it once, at the end.
class CallArguments
{
public:
    enum class Need { Optional, Required };

    explicit CallArguments(const QByteArray &json);

    std::optional<QString> string(const char *name, Need need = Need::Optional);
    std::optional<bool> boolean(const char *name);
    /// Fractions are dropped: the schemas say `number`.
    std::optional<qint64> integer(const char *name, Need need = Need::Optional);
    /// As integer(), of 0 or more.
    std::optional<qint64> amount(const char *name);
    std::optional<QStringList> strings(const char *name);
    JsonView value(const char *name, Need need = Need::Optional);

    /// Notes that the argument is not what it should be: `expected` reads as in "must be a string".
    void refuse(const QString &name, const QString &expected, JsonView got);
    /// For the model: "failed to parse function arguments: `cmd` must be a string, not 5".
    const std::optional<QString> &problem() const { return m_problem; }

private:
    void note(const QString &what);

    std::optional<JsonDocument> m_document;
    std::optional<QString> m_problem;
};

} // namespace nightshift::tools
