#include "host/scriptsource.h"
#include "base/boundedfile.h"
#include "jstexts.h"
#include "script/inspectsource.h"
#include "script/memorywatch.h"
#include <QCryptographicHash>
#include <QDir>
#include <QtEndian>

using namespace Qt::StringLiterals;

namespace nightshift::host {

Result<batch::Limits> scriptLimits(JsonView object, const QString &pointer, int &concurrency,
                                   std::optional<qint64> &maxFailures)
{
    if (!object.exists())
        return batch::Limits();
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, value] : object.members()) {
        if (name == "concurrency"_L1)
            concurrency = int(value.toInteger());
        else if (name == "max_failures"_L1)
            maxFailures = value.toInteger();
        else
            members.emplace_back(name, value.raw());
    }
    const auto document = JsonDocument::parse(json::object(members).text);
    return batch::limitsFromJson(document->root(), pointer);
}

/// "2G", "500M", or so many bytes.
static Result<qint64> memoryFromText(const QString &text)
{
    if (text.isEmpty())
        return script::usualMemoryBytes();
    const qsizetype unit = "KMG"_L1.indexOf(text.back().toUpper());
    bool ok = false;
    const qint64 count = text.chopped(unit < 0 ? 0 : 1).toLongLong(&ok);
    constexpr qint64 most = qint64(1) << 20; // G: more than any machine has
    if (!ok || count < 1 || (unit >= 0 && count > most << (20 - 10 * unit)))
        return fail(Error::Kind::Usage,
                    u"--script-memory %1: expected a number of bytes, or one of K, M or G"_s.arg(text));
    return count << (10 * (unit + 1));
}

Result<ScriptConfig> readScriptConfig(const batch::BatchOrder &order)
{
    const auto bytes = readBounded(order.script, fileuse::script);
    const QString shown = QDir(order.folder).relativeFilePath(order.script);
    if (!bytes)
        return fail(Error::Kind::Usage, u"%1: %2"_s.arg(shown, bytes.error().message));
    const auto text = script::readConfig(QString::fromUtf8(*bytes), shown);
    if (!text)
        return fail(Error::Kind::Usage, text.error().message);
    const auto document = JsonDocument::parse(text->value_or(RawJson{"{}"}).text);
    if (!document)
        return std::unexpected(document.error());
    const JsonView given = document->root();
    ScriptConfig config{.name = given["name"].toString(QFileInfo(order.script).completeBaseName())};
    if (given["args"].isObject())
        config.args = given["args"].raw();
    const auto limits = scriptLimits(given["limits"], u"config/limits"_s, config.concurrency, config.maxFailures);
    if (!limits)
        return fail(Error::Kind::Usage, limits.error().message);
    config.limits = *limits;
    const auto memory = memoryFromText(order.scriptMemory);
    if (!memory)
        return std::unexpected(memory.error());
    config.memoryBytes = *memory;
    return config;
}

RawJson scriptArgs(const batch::BatchOrder &order, const RawJson &configArgs)
{
    std::vector<std::pair<QString, RawJson>> members;
    const auto set = [&members](const QString &name, const RawJson &value) {
        std::erase_if(members, [&name](const auto &member) { return member.first == name; });
        members.emplace_back(name, value);
    };
    for (const QByteArray &text : {configArgs.text, order.argsJson.toUtf8()}) {
        const auto document = JsonDocument::parse(text);
        for (const auto &[name, value] :
             document ? document->root().members() : std::vector<std::pair<QString, JsonView>>())
            set(name, value.raw());
    }
    for (const QString &arg : order.args)
        set(arg.section(u'=', 0, 0), json::string(QStringView(arg).sliced(qMin(arg.indexOf(u'=') + 1, arg.size()))));
    return json::object(members);
}

qint64 scriptSeed(const QString &name)
{
    return qFromBigEndian<qint32>(QCryptographicHash::hash(name.toUtf8(), QCryptographicHash::Sha256).constData());
}

QByteArray hostSource()
{
    return QByteArray("(function (host, args) { const base = ") + script::hooksScript + "(host, args);\nreturn (" +
           script::nightshiftScript + ")(host, args, base); })";
}

Result<RawJson> shownVariable(const batch::BatchOrder &order, const QString &name)
{
    if (!order.env.contains(name))
        return fail(Error::Kind::Denied, u"env(): the script may see %1 with --env %1"_s.arg(name));
    return json::string(QStringView(qEnvironmentVariable(name.toUtf8().constData())));
}

} // namespace nightshift::host
