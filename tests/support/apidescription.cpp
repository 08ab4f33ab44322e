#include "support/apidescription.h"
#include <QFile>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <memory>
#include <valijson/adapters/qtjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

using namespace Qt::StringLiterals;

namespace nightshift::test {

const QJsonObject &apiDescription()
{
    static const QJsonObject description = [] {
        QFile file(QStringLiteral(API_DESCRIPTION));
        if (!file.open(QIODevice::ReadOnly))
            qFatal("no %s", qPrintable(file.fileName()));
        return QJsonDocument::fromJson(file.readAll()).object();
    }();
    return description;
}

static QJsonObject followed(const QJsonObject &object)
{
    const QString ref = object["$ref"_L1].toString();
    if (ref.isEmpty())
        return object;
    QJsonValue found = apiDescription();
    for (const QString &step : ref.sliced(2).split(u'/'))
        found = found.toObject()[step];
    return found.toObject();
}

static const valijson::Schema &compiled(const QJsonObject &schema)
{
    static QHash<QByteArray, std::shared_ptr<valijson::Schema>> schemas;
    std::shared_ptr<valijson::Schema> &made = schemas[QJsonDocument(schema).toJson()];
    if (!made) {
        made = std::make_shared<valijson::Schema>();
        const QJsonValue whole =
            QJsonObject{{u"allOf"_s, QJsonArray{schema}}, {u"components"_s, apiDescription()["components"_L1]}};
        valijson::SchemaParser(valijson::SchemaParser::kDraft7)
            .populateSchema(valijson::adapters::QtJsonAdapter(whole), *made);
    }
    return *made;
}

QString schemaProblem(const QJsonObject &schema, const QByteArray &text)
{
    // In an array, since a text may be one bare value
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson('[' + text + ']', &error);
    if (!document.isArray() || document.array().size() != 1)
        return u"it is no JSON: "_s + error.errorString();
    const QJsonValue value = document.array()[0];
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(compiled(schema), valijson::adapters::QtJsonAdapter(value), &results))
        return {};
    QStringList problems;
    for (valijson::ValidationResults::Error each; results.popError(each);) {
        QString where;
        for (const std::string &step : each.context)
            where += QString::fromStdString(step);
        problems += where + u": "_s + QString::fromStdString(each.description);
    }
    return problems.join(u"\n"_s);
}

/// Whether a path is one of those that `pattern` stands for; a last {path} is as long as it likes.
static bool matches(const QString &pattern, const QString &path)
{
    const QStringList expected = pattern.split(u'/'), given = path.split(u'/');
    for (qsizetype i = 0; i < expected.size(); ++i) {
        if (expected[i] == "{path}"_L1 && i < given.size())
            return true;
        if (i >= given.size() || (expected[i] != given[i] && !expected[i].startsWith(u'{')))
            return false;
    }
    return expected.size() == given.size();
}

/// What is said of one method of one path; empty when nothing is.
static QJsonObject operation(const QByteArray &method, const QByteArray &target)
{
    const QString path = QString::fromUtf8(target.split('?')[0]);
    const QJsonObject paths = apiDescription()["paths"_L1].toObject();
    if (paths.contains(path))
        return paths[path][QString::fromLatin1(method.toLower())].toObject();
    for (auto each = paths.begin(); each != paths.end(); ++each) {
        if (matches(each.key(), path))
            return each.value()[QString::fromLatin1(method.toLower())].toObject();
    }
    return {};
}

/// The data of each event that is one of a session, not of the stream.
static QByteArrayList eventsOf(const QByteArray &stream)
{
    QByteArrayList events;
    qsizetype at = 0;
    while (at < stream.size()) {
        const qsizetype end = stream.indexOf("\n\n", at);
        const QByteArray block = stream.sliced(at, (end < 0 ? stream.size() : end) - at);
        at += block.size() + 2;
        QByteArray name, data;
        for (const QByteArray &line : block.split('\n')) {
            if (line.startsWith("event: "))
                name = line.sliced(7);
            else if (line.startsWith("data: "))
                data = line.sliced(6);
        }
        if (name.contains('.') && end >= 0)
            events += data;
    }
    return events;
}

static const QJsonObject anEvent{{u"$ref"_s, u"#/components/schemas/Event"_s}};

static QString firstProblem(const QByteArrayList &events, const QJsonObject &schema = anEvent)
{
    for (const QByteArray &event : events) {
        const QString problem = schemaProblem(schema, event);
        if (!problem.isEmpty())
            return QString::fromUtf8(event) + u"\n"_s + problem;
    }
    return {};
}

QString answerProblem(const QByteArray &method, const QByteArray &target, int status, const QByteArray &type,
                      const QByteArray &body)
{
    const QJsonObject description = operation(method == "HEAD" ? "GET" : method, target);
    QJsonObject answer = followed(description["responses"_L1][QString::number(status)].toObject());
    if (answer.isEmpty() && status >= 400) // any request can go wrong, also one of a route that is none
        answer = apiDescription()["components"_L1]["responses"_L1]["Problem"_L1].toObject();
    if (answer.isEmpty())
        return description.isEmpty() ? u"openapi.json has no such route"_s : u"openapi.json has no such status"_s;
    const QJsonObject contents = answer["content"_L1].toObject();
    if (status == 204 || status == 304 || method == "HEAD")
        return {};
    const QString mediaType = QString::fromLatin1(type.split(';')[0].trimmed());
    if (!contents.contains(mediaType))
        return u"openapi.json has no %1 here"_s.arg(mediaType);
    if (mediaType == "text/event-stream"_L1)
        return firstProblem(eventsOf(body));
    if (mediaType == "application/jsonl"_L1) {
        QByteArrayList lines = body.trimmed().isEmpty() ? QByteArrayList() : body.trimmed().split('\n');
        if (!lines.isEmpty() && lines.last().startsWith("{\"type\":\"end\","))
            lines.removeLast(); // of the stream, no event
        const QJsonObject line = contents[mediaType]["x-line"_L1].toObject();
        return firstProblem(lines, line.isEmpty() ? anEvent : line);
    }
    if (!mediaType.endsWith("json"_L1))
        return {};
    return schemaProblem(contents[mediaType]["schema"_L1].toObject(), body);
}

} // namespace nightshift::test
