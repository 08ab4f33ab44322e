#include "tools/callarguments.h"

using namespace Qt::StringLiterals;

namespace nightshift::tools {

CallArguments::CallArguments(const QByteArray &json)
{
    // Some models write nothing at all where a call needs no arguments.
    Result<JsonDocument> document = JsonDocument::parse(json.trimmed().isEmpty() ? "{}"_ba : json);
    if (!document) {
        note(document.error().message);
        return;
    }
    m_document.emplace(std::move(*document));
    if (!m_document->root().isObject())
        note(u"expected a JSON object"_s);
}

std::optional<QString> CallArguments::string(const char *name, Need need)
{
    const JsonView view = value(name, need);
    if (view.isString())
        return view.toString();
    if (view.exists())
        refuse(QLatin1StringView(name), u"a string"_s, view);
    return {};
}

std::optional<bool> CallArguments::boolean(const char *name)
{
    const JsonView view = value(name);
    if (view.isBool())
        return view.toBool();
    if (view.exists())
        refuse(QLatin1StringView(name), u"true or false"_s, view);
    return {};
}

std::optional<qint64> CallArguments::integer(const char *name, Need need)
{
    constexpr double most = 9e15; // beyond it neighbouring reals are more than one apart
    const JsonView view = value(name, need);
    if (view.isNumber())
        return qint64(qBound(-most, view.toDouble(), most));
    if (view.exists())
        refuse(QLatin1StringView(name), u"a number"_s, view);
    return {};
}

std::optional<qint64> CallArguments::amount(const char *name)
{
    const std::optional<qint64> number = integer(name);
    if (!number || *number >= 0)
        return number;
    refuse(QLatin1StringView(name), u"a number of 0 or more"_s, value(name));
    return {};
}

std::optional<QStringList> CallArguments::strings(const char *name)
{
    const JsonView view = value(name);
    if (!view.exists())
        return {};
    QStringList words;
    for (const JsonView &item : view.items()) {
        if (item.isString())
            words += item.toString();
    }
    if (view.isArray() && words.size() == view.size())
        return words;
    refuse(QLatin1StringView(name), u"a list of strings"_s, view);
    return {};
}

JsonView CallArguments::value(const char *name, Need need)
{
    const JsonView view = m_document ? m_document->root()[name] : JsonView();
    if (view.exists() && !view.isNull())
        return view;
    if (need == Need::Required)
        note(u"missing field `%1`"_s.arg(QLatin1StringView(name)));
    return {};
}

void CallArguments::refuse(const QString &name, const QString &expected, JsonView got)
{
    constexpr qsizetype enough = 60; // of a value that may be a whole file
    QString shown = QString::fromUtf8(got.raw().text);
    if (shown.size() > enough)
        shown = shown.first(enough) + u"…"_s;
    note(u"`%1` must be %2, not %3"_s.arg(name, expected, shown));
}

void CallArguments::note(const QString &what)
{
    if (!m_problem)
        m_problem = u"failed to parse function arguments: "_s + what;
}

} // namespace nightshift::tools
