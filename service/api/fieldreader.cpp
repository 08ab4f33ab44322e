#include "fieldreader.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::ProblemCode;

http::Judged<JsonDocument> readBody(const QByteArray &body)
{
    auto document = JsonDocument::parse(body);
    if (!document)
        return std::unexpected(http::Problem{ProblemCode::InvalidJson, document.error().message});
    if (!document->root().isObject())
        return std::unexpected(http::Problem{ProblemCode::ValidationFailed, u"the body must be a JSON object"_s});
    return std::move(*document);
}

http::Judged<void> judge(std::vector<http::FieldProblem> problems)
{
    if (problems.empty())
        return {};
    http::Problem problem{ProblemCode::ValidationFailed, problems.front().pointer + u": "_s + problems.front().detail};
    problem.errors = std::move(problems);
    return std::unexpected(problem);
}

FieldReader::FieldReader(JsonView object, std::vector<http::FieldProblem> &problems, QString pointer)
    : m_object(object)
    , m_problems(&problems)
    , m_pointer(std::move(pointer))
{}

/// Source: RFC 6901, section 3.
static QString step(QString name)
{
    return u'/' + name.replace(u'~', u"~0"_s).replace(u'/', u"~1"_s);
}

QString FieldReader::pointerTo(const char *name) const
{
    return m_pointer + u'/' + QString::fromUtf8(name);
}

JsonView FieldReader::take(const char *name)
{
    m_known += QString::fromUtf8(name);
    const JsonView value = m_object[name];
    return value.isNull() ? JsonView() : value;
}

void FieldReader::refuse(const char *name, const QString &detail)
{
    m_problems->push_back({pointerTo(name), detail});
}

std::optional<QString> FieldReader::string(const char *name)
{
    const JsonView value = take(name);
    if (value.exists() && !value.isString())
        refuse(name, u"must be a string"_s);
    return value.isString() ? std::optional(value.toString()) : std::nullopt;
}

std::optional<bool> FieldReader::boolean(const char *name)
{
    const JsonView value = take(name);
    if (value.exists() && !value.isBool())
        refuse(name, u"must be true or false"_s);
    return value.isBool() ? std::optional(value.toBool()) : std::nullopt;
}

std::optional<qint64> FieldReader::integer(const char *name, qint64 least)
{
    const JsonView value = take(name);
    if (!value.exists())
        return {};
    if (value.isInteger() && value.toInteger() >= least)
        return value.toInteger();
    refuse(name, u"must be a whole number of at least %1"_s.arg(least));
    return {};
}

std::optional<double> FieldReader::positive(const char *name)
{
    const JsonView value = take(name);
    if (!value.exists())
        return {};
    if (value.isNumber() && value.toDouble() > 0)
        return value.toDouble();
    refuse(name, u"must be > 0"_s);
    return {};
}

std::optional<QString> FieldReader::word(const char *name, const QStringList &words)
{
    const auto value = string(name);
    if (!value || words.contains(*value))
        return value;
    refuse(name, u"must be one of %1"_s.arg(words.join(u", ")));
    return {};
}

std::optional<std::vector<std::pair<QString, QString>>> FieldReader::strings(const char *name)
{
    const JsonView value = take(name);
    if (!value.exists())
        return {};
    std::vector<std::pair<QString, QString>> texts;
    if (!value.isObject())
        refuse(name, u"must be an object of strings"_s);
    for (const auto &[key, text] : value.members()) {
        if (text.isString())
            texts.emplace_back(key, text.toString());
        else
            m_problems->push_back({pointerTo(name) + step(key), u"must be a string"_s});
    }
    return texts;
}

FieldReader FieldReader::object(const char *name)
{
    const JsonView value = take(name);
    if (value.exists() && !value.isObject())
        refuse(name, u"must be an object"_s);
    return {value.isObject() ? value : JsonView(), *m_problems, pointerTo(name)};
}

std::vector<FieldReader> FieldReader::objects(const char *name)
{
    const JsonView value = take(name);
    if (value.exists() && !value.isArray())
        refuse(name, u"must be an array"_s);
    std::vector<FieldReader> readers;
    for (const JsonView item : value.items()) {
        const QString pointer = pointerTo(name) + u'/' + QString::number(readers.size());
        if (!item.isObject())
            m_problems->push_back({pointer, u"must be an object"_s});
        readers.push_back({item.isObject() ? item : JsonView(), *m_problems, pointer});
    }
    return readers;
}

void FieldReader::finish()
{
    if (!m_object.isObject())
        return;
    for (const auto &[name, value] : m_object.members()) {
        if (!m_known.contains(name))
            m_problems->push_back({m_pointer + step(name), u"is not known here"_s});
    }
}

} // namespace nightshift::api
