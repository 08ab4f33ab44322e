#include "app/commandlines.h"
#include "app/values.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

static batch::BatchOrder batchOrder(const Answers &answers)
{
    using Kind = batch::BatchOrder::Command;
    const auto text = [&](Option option) { return answers.value(option).value_or(QString()); };
    const RunLimits limits = answers.limits();
    const Command command = answers.command();
    batch::BatchOrder order{.command = command == Command::BatchPlan     ? Kind::Plan
                                       : command == Command::BatchMerge  ? Kind::Merge
                                       : command == Command::BatchSubmit ? Kind::Submit
                                       : command == Command::BatchTypes  ? Kind::Types
                                                                         : Kind::Run,
                            .input = text(Option::BatchInput),
                            .promptFile = text(Option::PromptFile),
                            .prompt = text(Option::BatchPromptText),
                            .delimiter = text(Option::BatchDelimiter),
                            .key = text(Option::BatchKey),
                            .schema = text(Option::OutputSchema),
                            .check = text(Option::BatchCheck),
                            .inputs = answers.values(Option::BatchInputFile),
                            .instructions = text(Option::BatchInstructions),
                            .name = text(Option::BatchName),
                            .out = text(Option::BatchOut),
                            .concurrency = text(Option::BatchJobs),
                            .limits = {limits.requests, limits.tokens, limits.costUsd, limits.time},
                            .maxFailures = text(Option::BatchMaxFailures),
                            .itemLimits = answers.values(Option::BatchItemLimit),
                            .retries = text(Option::BatchRetries),
                            .retryOn = answers.values(Option::BatchRetryOn),
                            .thresholds = answers.values(Option::BatchThreshold),
                            .retry = answers.values(Option::BatchRetry),
                            .stale = text(Option::BatchStale),
                            .fresh = answers.has(Option::BatchFresh),
                            .recheck = answers.has(Option::BatchRecheck),
                            .rebase = answers.has(Option::BatchRebase),
                            .shard = text(Option::BatchShard),
                            .claim = text(Option::BatchClaim),
                            .sarif = text(Option::BatchSarif),
                            .annotations = text(Option::BatchAnnotations),
                            .assume = text(Option::BatchAssume),
                            .twice = answers.has(Option::BatchTwice),
                            .json = answers.has(Option::JsonReport),
                            .submitNow = answers.has(Option::BatchSubmitRun),
                            .argv = {}};
    order.argsJson = text(Option::BatchArgs);
    order.args = answers.values(Option::BatchArg);
    order.allowRead = answers.values(Option::BatchAllowRead);
    order.scriptMemory = text(Option::BatchScriptMemory);
    order.allowExec = answers.has(Option::BatchAllowExec);
    order.env = answers.values(Option::BatchEnv);
    order.hookFailure = text(Option::HookOnFailure);
    order.hookTimeout = answers.settings().hookTimeout;
    if (const auto wait = answers.value(Option::BatchRateLimitWait))
        order.rateLimitWait = QString::number(durationFromText(*wait)->count() / 1000);
    if (const auto timeout = answers.value(Option::BatchClaimTimeout))
        order.claimTimeout = durationFromText(*timeout);
    return order;
}

/// Of those that run a script, or the rows of a table.
static Parsed<QString> scriptOf(const Answers &answers, const batch::BatchOrder &order)
{
    const QString word = answers.words(answers.command()).value(0);
    if (word.isEmpty() && order.input.isEmpty())
        return answers.refuse(u"the following required arguments were not provided:\n  --input <FILE>"_s);
    return word;
}

Parsed<CommandLine> drillOptions(const Answers &answers)
{
    DrillOptions options{answers.settings(), batchOrder(answers), answers.values(Option::Fault).join(u',')};
    const auto script = scriptOf(answers, options.order);
    if (!script)
        return std::unexpected(script.error());
    options.order.script = *script;
    return options;
}

Parsed<CommandLine> batchOptions(const Answers &answers)
{
    BatchOptions options{answers.settings(), batchOrder(answers), answers.tape()};
    const QString word = answers.words(answers.command()).value(0);
    switch (options.order.command) {
    case batch::BatchOrder::Command::Types:
        return options;
    case batch::BatchOrder::Command::Merge:
        if (word.isEmpty())
            return answers.refuse(u"the following required arguments were not provided:\n  <DIR>"_s);
        options.order.word = word;
        return options;
    case batch::BatchOrder::Command::Submit:
        if (!QStringList{u"slurm"_s, u"k8s"_s, u"parallel"_s}.contains(word))
            return answers.refuse(u"expected one of: slurm, k8s, parallel"_s);
        options.order.word = word;
        options.order.script = answers.words(answers.command()).value(1);
        return options;
    default:
        const auto script = scriptOf(answers, options.order);
        if (!script)
            return std::unexpected(script.error());
        options.order.script = *script;
        return options;
    }
}

} // namespace nightshift::app
