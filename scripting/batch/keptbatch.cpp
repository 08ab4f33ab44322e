#include "keptbatch.h"
#include "base/boundedfile.h"
#include "batch/outputs.h"
#include "store/folders.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

constexpr auto specName = "/.nightshift/spec.json"_L1;

QString specPath(const QString &out)
{
    return out + specName;
}

Result<> keepSpec(const QString &out, const BatchSpec &spec)
{
    return writeWhole(specPath(out), toJson(spec).text + '\n', Links::Replace);
}

Result<BatchSpec> keptSpec(const QString &out)
{
    const auto text = readBounded(specPath(out), fileuse::batchInput);
    if (!text)
        return failAt(specPath(out) + u" cannot be read"_s, text.error());
    const auto document = JsonDocument::parse(*text);
    const auto spec = document ? batchSpecFromJson(document->root()) : std::unexpected(document.error());
    return spec ? spec : failAt(specPath(out), spec.error());
}

Result<> keepScript(const JobPlan &plan, const QString &script, const RawJson &args)
{
    const auto text = readBounded(script, fileuse::script);
    if (!text)
        return failAt(script + u" cannot be read"_s, text.error());
    BatchSpec spec{.name = plan.name, .limits = plan.runner.limits, .concurrency = plan.concurrency};
    spec.maxFailures = plan.maxFailures;
    spec.script = QString::fromUtf8(*text);
    spec.args = args;
    spec.session.cwd = QFileInfo(script).path();
    const QString link = plan.out + u"/.nightshift/script.ts"_s;
    const auto isLinked = [&] { return QFileInfo(link).symLinkTarget() == script; };
    if (!isLinked()) {
        QFile::remove(link);
        if (!QFile::link(script, link) && !isLinked()) // other workers make it, too
            return store::systemError(u"make"_s, link);
    }
    return keepSpec(plan.out, spec);
}

bool isKept(const BatchOrder &order)
{
    return order.input.endsWith(specName);
}

Result<BatchOrder> completedOrder(BatchOrder order)
{
    if (!isKept(order))
        return order;
    order.out = order.input.chopped(specName.size());
    const auto spec = keptSpec(order.out);
    if (!spec)
        return std::unexpected(spec.error());
    const auto unless = [](const QString &given, const QString &kept) { return given.isEmpty() ? kept : given; };
    order.name = unless(order.name, unless(spec->name, u"batch"_s));
    order.argsJson = unless(order.argsJson, QString::fromUtf8(spec->args.text));
    if (spec->concurrency > 0)
        order.concurrency = unless(order.concurrency, QString::number(spec->concurrency));
    if (spec->maxFailures)
        order.maxFailures = unless(order.maxFailures, QString::number(*spec->maxFailures));
    if (order.limits == TurnLimits())
        order.limits = {spec->limits.requests, spec->limits.tokens, spec->limits.costUsd, spec->limits.wall};
    return order;
}

/// {{cwd}} is filled when the tree is known, the others were.
static QStringList asTemplates(QStringList words)
{
    for (QString &word : words)
        word = asTemplate(word).replace("\\{{cwd}}"_L1, "{{cwd}}"_L1);
    return words;
}

BatchSpec specOf(const BatchOrder &order, const std::vector<PreparedItem> &items, qint64 concurrency)
{
    BatchSpec spec{.concurrency = concurrency};
    spec.limits = {.requests = order.limits.requests,
                   .tokens = order.limits.tokens,
                   .costUsd = order.limits.costUsd,
                   .wall = order.limits.time};
    if (!items.empty()) {
        const Settings &settings = items.front().settings;
        spec.session = items.front().options;
        spec.session.cwd = settings.cwd;
        spec.session.model = settings.model;
        spec.session.provider = settings.provider.id;
        spec.session.sandbox = sandboxModeName(settings.sandbox.mode);
        if (settings.isolation != Isolation::Overlay)
            spec.session.isolation = settings.isolation;
    }
    for (QString *own : {&spec.session.key, &spec.session.prompt})
        own->clear();
    for (QStringList *own : {&spec.session.check, &spec.session.inputs})
        own->clear();
    for (const PreparedItem &item : items)
        spec.items.push_back({.key = item.options.key,
                              .vars = RawJson{"{}"},
                              .prompt = asTemplate(item.options.prompt),
                              .check = asTemplates(item.options.check),
                              .inputs = asTemplates(item.options.inputs)});
    return spec;
}

} // namespace nightshift::batch
