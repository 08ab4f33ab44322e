#include "support/eventschema.h"
#include <QFile>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <memory>
#include <valijson/adapters/qtjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

using namespace Qt::StringLiterals;

namespace nightshift::test {

static std::shared_ptr<valijson::Schema> schemaOf(const QString &name)
{
    static QHash<QString, std::shared_ptr<valijson::Schema>> schemas;
    std::shared_ptr<valijson::Schema> &schema = schemas[name];
    if (schema)
        return schema;
    QFile file(QStringLiteral(EVENT_SCHEMAS "/%1.json").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no schema %s", qPrintable(file.fileName()));
    schema = std::make_shared<valijson::Schema>();
    const QJsonValue document = QJsonDocument::fromJson(file.readAll()).object();
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::QtJsonAdapter(document), *schema);
    return schema;
}

QString eventProblem(const QByteArray &line, const QString &form)
{
    return schemaProblem(line, form + u"-event"_s);
}

QString schemaProblem(const QByteArray &text, const QString &name)
{
    const QJsonDocument document = QJsonDocument::fromJson(text);
    if (!document.isObject())
        return u"it is no JSON object"_s;
    const QJsonValue value = document.object();
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(*schemaOf(name), valijson::adapters::QtJsonAdapter(value), &results))
        return {};
    valijson::ValidationResults::Error error;
    QStringList problems;
    while (results.popError(error))
        problems += QString::fromStdString(error.description);
    return problems.join(u"; "_s);
}

} // namespace nightshift::test
