#include "outputschema.h"
#include "schema/strictrules.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <valijson/adapters/qtjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

using namespace Qt::StringLiterals;

namespace nightshift::schema {

namespace {

/// For `pattern`: the validator's own, std::regex, throws at a wrong pattern and recurses with every character.
class Pattern
{
public:
    explicit Pattern(const std::string &pattern)
        : m_expression(QString::fromStdString(pattern))
    {}
    static bool search(const std::string &text, const Pattern &pattern)
    {
        const auto match = pattern.m_expression.match(QString::fromStdString(text));
        return match.hasMatch() || !match.isValid(); // what is too hard to tell is no mismatch
    }

private:
    QRegularExpression m_expression;
};

QJsonValue qtJson(const QByteArray &object)
{
    return QJsonDocument::fromJson(object).object();
}

/// Throws where the schema refers to what is not there; valijson has no other way to say so.
void load(valijson::Schema &schema, const RawJson &json)
{
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    const QJsonValue document = qtJson(json.text);
    parser.populateSchema(valijson::adapters::QtJsonAdapter(document), schema);
}

QString pointerOf(const std::vector<std::string> &context)
{
    QString pointer;
    for (const std::string &step : context) {
        if (step != "<root>") // steps come as ["name"] or [0]
            pointer += u'/' + QString::fromStdString(step).remove(u'[').remove(u']').remove(u'"');
    }
    return pointer.isEmpty() ? u"the root"_s : pointer;
}

} // namespace

Result<OutputSchema> OutputSchema::parse(const QByteArray &text)
{
    const auto document = JsonDocument::parse(text);
    if (!document)
        return fail(Error::Kind::Invalid, u"is not valid JSON: "_s + document.error().message);
    if (const auto checked = checkStrictRules(document->root()); !checked)
        return fail(Error::Kind::Invalid, u"is not a strict JSON schema: "_s + checked.error().message);
    const RawJson json = document->root().raw();
    try {
        valijson::Schema schema;
        load(schema, json);
    } catch (const std::exception &problem) {
        return fail(Error::Kind::Invalid, u"is not a usable JSON schema: "_s + QString::fromUtf8(problem.what()));
    }
    return OutputSchema(json);
}

std::optional<QString> OutputSchema::mismatch(const QString &message) const
{
    const auto parsed = JsonDocument::parse(message.toUtf8());
    if (!parsed)
        return u"it is not JSON (%1)"_s.arg(parsed.error().message);
    if (!parsed->root().isObject())
        return u"it is JSON, but not an object"_s;
    valijson::Schema schema;
    load(schema, m_json);
    valijson::ValidatorT<Pattern> validator;
    valijson::ValidationResults results;
    const QJsonValue value = qtJson(message.toUtf8());
    if (validator.validate(schema, valijson::adapters::QtJsonAdapter(value), &results))
        return {};
    valijson::ValidationResults::Error error;
    if (!results.popError(error))
        return u"it does not match"_s;
    return u"at %1: %2"_s.arg(pointerOf(error.context), QString::fromStdString(error.description));
}

} // namespace nightshift::schema
