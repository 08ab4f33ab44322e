#include "base/showntext.h"
#include "outputs.h"
#include <QCryptographicHash>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

void collect(JsonView value, const QString &key, std::vector<Finding> &findings)
{
    for (const JsonView item : value.items())
        collect(item, key, findings);
    if (!value.isObject())
        return;
    if (value["file"].isString() && value["message"].isString()) {
        const QByteArrayView level = value["level"].utf8();
        findings.push_back({key, value["file"].toString(), value["line"].toInteger(), value["message"].toString(),
                            level != "warning" && level != "note"});
        return;
    }
    for (const auto &[name, member] : value.members())
        collect(member, key, findings);
}

/// What GitHub's commands need escaped. Source: "Workflow commands", and the toolkit's own escaping.
QByteArray escaped(const QString &text, bool isProperty)
{
    // Marks of other runners count anywhere in a line.
    QByteArray bytes = guarded(text, runner()).toUtf8();
    bytes.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    return isProperty ? bytes.replace(':', "%3A").replace(',', "%2C") : bytes;
}

RawJson sarifResult(const Finding &finding)
{
    const RawJson message = json::object({{"text", finding.message}});
    const std::optional<RawJson> region =
        finding.line > 0 ? std::optional(json::object({{"startLine", finding.line}})) : std::nullopt;
    const RawJson place = json::object(
        {{"physicalLocation",
          json::object({{"artifactLocation", json::object({{"uri", finding.file}})}, {"region", region}})}});
    const bool hasPlace = !finding.file.isEmpty();
    return json::object({{"ruleId", finding.key},
                         {"level", finding.isError ? "error" : "warning"},
                         {"message", message},
                         {"locations", hasPlace ? std::optional(json::array({place})) : std::nullopt}});
}

} // namespace

std::vector<Finding> findingsIn(const Report &report)
{
    std::vector<Finding> findings;
    for (const ItemResult &item : report.items) {
        if (!item.ok && wasRun(item))
            findings.push_back({item.key, {}, 0, item.reason + u": "_s + item.message.section(u'\n', 0, 0), true});
        const auto document = item.json ? JsonDocument::parse(item.json->text) : fail(Error::Kind::NotFound, {});
        if (document)
            collect(document->root(), item.key, findings);
    }
    return findings;
}

QByteArray toSarif(const Report &report)
{
    std::vector<RawJson> results;
    for (const Finding &finding : findingsIn(report))
        results.push_back(sarifResult(finding));
    const RawJson driver = json::object({{"name", "nightshift"}, {"version", NIGHTSHIFT_VERSION}});
    const RawJson run = json::object({{"tool", json::object({{"driver", driver}})}, {"results", json::array(results)}});
    return json::object({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                         {"version", "2.1.0"},
                         {"runs", json::array({run})}})
               .text +
           '\n';
}

QByteArray toGitHubAnnotations(const Report &report)
{
    QByteArray lines;
    for (const Finding &finding : findingsIn(report)) {
        QByteArray properties = "title=" + escaped(finding.key, true);
        if (!finding.file.isEmpty())
            properties += ",file=" + escaped(finding.file, true);
        if (finding.line > 0)
            properties += ",line=" + QByteArray::number(finding.line);
        lines +=
            (finding.isError ? "::error " : "::warning ") + properties + "::" + escaped(finding.message, false) + '\n';
    }
    return lines;
}

QByteArray toGitLabReport(const Report &report)
{
    std::vector<RawJson> issues;
    for (const Finding &finding : findingsIn(report)) {
        const RawJson lines = json::object({{"begin", std::max<qint64>(1, finding.line)}});
        const RawJson location =
            json::object({{"path", finding.file.isEmpty() ? u"."_s : finding.file}, {"lines", lines}});
        const QByteArray print = QCryptographicHash::hash(finding.key.toUtf8() + '\0' + finding.file.toUtf8() + '\0' +
                                                              finding.message.toUtf8(),
                                                          QCryptographicHash::Md5);
        issues.push_back(json::object({{"description", finding.message},
                                       {"check_name", finding.key},
                                       {"fingerprint", print.toHex()},
                                       {"severity", finding.isError ? "major" : "minor"},
                                       {"location", location}}));
    }
    return json::array(issues).text + '\n';
}

} // namespace nightshift::batch
