#include "itemlist.h"
#include "base/boundedfile.h"
#include "base/shellwords.h"
#include "batch/keptbatch.h"
#include "batch/rows.h"
#include "batch/texttemplate.h"
#include <QDir>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

Result<QByteArray> readFile(const QString &name, const QString &folder, const FileUse &use)
{
    auto bytes = readBounded(QDir(folder).absoluteFilePath(name), use);
    return bytes ? bytes : failAt(name + u" cannot be read"_s, bytes.error());
}

/// What all rows share, in memory.
struct Texts
{
    QString prompt;
    QString promptName; ///< For messages.
    QString promptFolder;
    std::optional<RawJson> schema;
    QStringList check;
    Limits limits;
    Retries retries;
};

Result<Retries> retriesOf(const BatchOrder &order)
{
    Retries retries{.on = order.retryOn};
    if (const auto odd = std::ranges::find_if_not(retries.on, isReason); odd != retries.on.end())
        return fail(Error::Kind::Usage, u"--retry-on %1: no item fails for that"_s.arg(*odd));
    if (!order.retries.isEmpty()) {
        bool ok = false;
        retries.max = order.retries.toInt(&ok);
        if (!ok || retries.max < 0)
            return fail(Error::Kind::Usage, u"--retries %1: expected a whole number"_s.arg(order.retries));
    }
    return retries;
}

Result<Texts> readTexts(const BatchOrder &order)
{
    Texts texts{.prompt = order.prompt, .promptName = u"the prompt"_s, .promptFolder = order.folder};
    if (order.prompt.isEmpty() == order.promptFile.isEmpty())
        return fail(Error::Kind::Usage, u"give --prompt-file FILE or --prompt TEXT"_s);
    if (!order.promptFile.isEmpty()) {
        const auto text = readFile(order.promptFile, order.folder, fileuse::prompt);
        if (!text)
            return std::unexpected(text.error());
        texts.prompt = QString::fromUtf8(*text);
        texts.promptName = order.promptFile;
        texts.promptFolder = QFileInfo(QDir(order.folder).absoluteFilePath(order.promptFile)).path();
    }
    if (!order.schema.isEmpty()) {
        const auto text = readFile(order.schema, order.folder, fileuse::outputSchema);
        if (!text)
            return std::unexpected(text.error());
        const auto document = JsonDocument::parse(*text);
        if (!document)
            return failAt(order.schema, document.error());
        texts.schema = RawJson{*text};
    }
    const auto check = shellSplit(order.check);
    if (!check)
        return fail(Error::Kind::Usage, u"--check %1: a quote is opened and never closed"_s.arg(order.check));
    texts.check = *check;
    const auto limits = limitsFromWords(order.itemLimits);
    const auto retries = retriesOf(order);
    if (!limits || !retries)
        return std::unexpected(limits ? retries.error() : limits.error());
    texts.limits = *limits;
    texts.retries = *retries;
    return texts;
}

Result<QString> keyOf(const BatchOrder &order, JsonView variables, const QString &place)
{
    if (!order.key.isEmpty())
        return fillTemplate(order.key.contains("{{"_L1) ? order.key : u"{{%1}}"_s.arg(order.key), variables, u"--key"_s,
                            order.folder)
            .transform_error([&](Error error) {
                error.message = place + u": "_s + error.message;
                return error;
            });
    return usualKey(variables);
}

Result<Options> itemOf(const InputRow &row, const Texts &texts, const BatchOrder &order, const QString &place)
{
    const auto document = JsonDocument::parse(row.variables.text);
    if (!document)
        return std::unexpected(document.error());
    const JsonView variables = document->root();
    const auto key = keyOf(order, variables, place);
    const auto prompt = fillTemplate(texts.prompt, variables, texts.promptName, texts.promptFolder);
    const auto check = fillTemplates(texts.check, variables, u"--check"_s, readsFrom(order.folder));
    const auto inputs = fillTemplates(order.inputs, variables, u"--input-file"_s, readsFrom(order.folder));
    for (const Error *error : {key ? nullptr : &key.error(), prompt ? nullptr : &prompt.error(),
                               check ? nullptr : &check.error(), inputs ? nullptr : &inputs.error()}) {
        if (error)
            return std::unexpected(*error);
    }
    return Options{.key = *key,
                   .prompt = *prompt,
                   .schema = texts.schema,
                   .instructions = order.instructions,
                   .attachments = {},
                   .inputs = *inputs,
                   .limits = texts.limits,
                   .retries = texts.retries,
                   .check = *check,
                   .labels = {},
                   .outputs = {}};
}

} // namespace

Result<Limits> limitsFromWords(const QStringList &words)
{
    std::vector<std::pair<QString, RawJson>> members;
    for (const QString &word : words)
        members.emplace_back(word.section(u'=', 0, 0), RawJson{word.section(u'=', 1).toUtf8()});
    const auto document = JsonDocument::parse(json::object(members).text);
    if (!document)
        return fail(Error::Kind::Usage,
                    u"--item-limit: expected NAME=NUMBER, as in cost_usd=0.5, not %1"_s.arg(words.join(u' ')));
    auto limits = limitsFromJson(document->root(), {});
    if (!limits)
        return fail(Error::Kind::Usage, u"--item-limit "_s + limits.error().message.sliced(1));
    return limits;
}

Result<QStringList> retryReasons(const QStringList &words)
{
    QStringList reasons;
    for (const QString &word : words) {
        if (word == "failed"_L1)
            reasons += word;
        else if (word.startsWith("reason="_L1) && word.size() > 7)
            reasons += word.sliced(7).split(u',', Qt::SkipEmptyParts);
        else
            return fail(Error::Kind::Usage, u"--retry %1: expected failed, or reason=NAME,NAME"_s.arg(word));
    }
    const auto isKnown = [](const QString &word) { return word == "failed"_L1 || isReason(word); };
    if (const auto odd = std::ranges::find_if_not(reasons, isKnown); odd != reasons.end())
        return fail(Error::Kind::Usage, u"--retry reason=%1: no item fails for that"_s.arg(*odd));
    return reasons;
}

static Result<std::vector<ListedItem>> keptItems(const BatchOrder &order)
{
    const auto spec = keptSpec(order.out);
    auto options = spec ? itemsOf(*spec) : std::unexpected(spec.error());
    if (!options)
        return std::unexpected(options.error());
    std::vector<ListedItem> items;
    for (Options &each : *options)
        items.push_back({std::move(each), int(items.size())});
    return items;
}

Result<std::vector<ListedItem>> listItems(const BatchOrder &order)
{
    if (isKept(order))
        return keptItems(order);
    const auto texts = readTexts(order);
    if (!texts)
        return std::unexpected(texts.error());
    if (order.input.isEmpty())
        return fail(Error::Kind::Usage, u"give the items with --input FILE: csv, tsv, jsonl, json, or a line each"_s);
    if (order.delimiter.size() > 1)
        return fail(Error::Kind::Usage, u"--delimiter %1: expected one character"_s.arg(order.delimiter));
    const auto bytes = readFile(order.input, order.folder, fileuse::batchInput);
    if (!bytes)
        return std::unexpected(bytes.error());
    const char delimiter = order.delimiter.isEmpty() ? '\0' : order.delimiter[0].toLatin1();
    const auto rows = readRows(*bytes, formOf(order.input), order.input, delimiter);
    if (!rows)
        return std::unexpected(rows.error());
    std::vector<ListedItem> items;
    std::vector<std::pair<QString, int>> keys;
    for (const InputRow &row : *rows) {
        auto options = itemOf(row, *texts, order, u"%1:%2"_s.arg(order.input).arg(row.line));
        if (!options)
            return std::unexpected(options.error());
        keys.emplace_back(options->key, row.line);
        items.push_back({std::move(*options), row.line});
    }
    if (const auto differ = checkKeys(keys, order.input); !differ)
        return std::unexpected(differ.error());
    if (items.empty())
        return fail(Error::Kind::Invalid, u"%1 holds no items"_s.arg(order.input));
    return items;
}

} // namespace nightshift::batch
