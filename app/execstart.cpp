#include "execstart.h"
#include "app/promptsource.h"
#include "app/queries.h"
#include "app/review.h"
#include "app/settingflags.h"
#include "app/stdoutwriter.h"
#include "app/tape.h"
#include "app/tokencommand.h"
#include "base/boundedfile.h"
#include "configtexts.h"
#include "engine/gitstate.h"
#include <QDir>
#include <QFile>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

template <typename T = void>
using Checked = std::expected<T, StartError>;

std::unexpected<StartError> startError(QString message, int exitCode = 1)
{
    return std::unexpected(StartError{std::move(message), exitCode});
}

void notify(const QString &line)
{
    sayLine(line);
}

/// A question that has no answer is refused: whoever asks relies on one.
Checked<> checkQuestions(const ExecOptions &options)
{
    if (const auto known = checkQueries(options.queries); !known)
        return startError(known.error().message);
    if (options.ephemeral && options.queries.contains(u"path"_s))
        return startError(u"--query path: with --ephemeral the session is recorded nowhere"_s);
    return {};
}

/// A limit that could never be reached protects nobody.
Checked<> checkLimits(const ExecOptions &options, const Settings &settings)
{
    if (!options.limits.costUsd || settings.modelInfo.prices)
        return {};
    return startError(
        u"--max-cost: what the model `%1` costs at the provider `%2` is not known; set "
        "models.\"%1\".price.input and .output, in US dollars for a million tokens, or use --max-tokens"_s.arg(
            settings.model, settings.provider.id));
}

Checked<UserInput> readInput(const ExecOptions &options, const QString &text)
{
    UserInput input{.text = text};
    for (const QString &image : options.images) {
        const QFileInfo file(image);
        if (!file.isFile() || !file.isReadable())
            return startError(u"the image %1 cannot be read: %2"_s.arg(
                image, file.exists() ? u"it is no readable file"_s : u"there is no such file"_s));
        input.images += file.absoluteFilePath();
    }
    return input;
}

Checked<std::optional<schema::OutputSchema>> readSchema(const std::optional<QString> &path)
{
    if (!path)
        return std::nullopt;
    const auto text = readBounded(*path, fileuse::outputSchema);
    if (!text)
        return startError(u"Failed to read output schema file %1: %2"_s.arg(*path, text.error().message));
    auto schema = schema::OutputSchema::parse(*text);
    if (!schema)
        return startError(u"Output schema file %1 %2"_s.arg(*path, schema.error().message));
    return std::move(*schema);
}

Checked<> checkRepository(const ExecOptions &options, const Settings &settings)
{
    const bool unguarded = options.skipGitRepoCheck || options.settings.bypassSandbox;
    if (unguarded || !engine::repositoryRoot(settings.cwd).isEmpty())
        return {};
    return startError(u"Not inside a trusted directory and --skip-git-repo-check was not specified: %1 is in no Git "
                      "repository."_s.arg(settings.cwd));
}

/// The session of a review: told how to review, and named as one.
void reviewSettings(Settings &settings)
{
    const QString own = QString::fromUtf8(config::reviewInstructions);
    settings.developerInstructions =
        settings.developerInstructions.isEmpty() ? own : settings.developerInstructions + u"\n\n"_s + own;
    settings.provider.headers.emplace_back(u"x-openai-subagent"_s, u"review"_s);
}

} // namespace

std::expected<ExecPlan, StartError> planExec(const ExecOptions &options, const StartSteps &steps)
{
    if (const auto asked = checkQuestions(options); !asked)
        return std::unexpected(asked.error());
    auto loaded = loadSettings(options.settings);
    if (!loaded)
        return std::unexpected(loaded.error());
    steps.settingsKnown(loaded->settings);
    ExecPlan plan{.settings = std::move(loaded->settings)};
    if (options.threadSource)
        plan.settings.threadSource = *options.threadSource;
    auto isolation = RunIsolation::enter(options, plan.settings);
    if (!isolation)
        return std::unexpected(isolation.error());
    plan.isolation = std::move(*isolation);
    for (const QString &line : options.notices + plan.settings.startupLines)
        notify(line);
    if (const auto limits = checkLimits(options, plan.settings); !limits)
        return std::unexpected(limits.error());
    forgetKey(options.tape, plan.settings.provider);
    if (const auto provider = resolveKey(plan.settings.provider); !provider)
        return startError(provider.error().message);
    if (options.settings.oss) {
        if (const auto ready = steps.localModel(plan.settings); !ready)
            return startError(u"OSS setup failed: "_s + ready.error().message); // the reference's words
    }

    const auto prompt = readPrompt(options, STDIN_FILENO, [](QLatin1StringView line) { notify(line.toString()); });
    if (!prompt)
        return startError(prompt.error().message);
    const auto *review = std::get_if<ReviewTarget>(&options.target);
    if (review)
        reviewSettings(plan.settings);
    if (*prompt || review) {
        const QString text = prompt->value_or(QString());
        if (review)
            plan.reviewHint = reviewHint(*review, text);
        auto input = readInput(options, review ? reviewPrompt(*review, text, plan.settings) : text);
        if (!input)
            return std::unexpected(input.error());
        plan.input = std::move(*input);
    }
    auto schema = readSchema(options.outputSchema);
    if (!schema)
        return std::unexpected(schema.error());
    plan.schema = std::move(*schema);
    if (const auto repository = checkRepository(options, plan.settings); !repository)
        return std::unexpected(repository.error());
    if (options.lastMessageFile) {
        auto file = LastMessageFile::open(plan.isolation.outside(*options.lastMessageFile));
        if (!file)
            return startError(file.error().message);
        plan.lastMessage = std::move(*file);
    }
    return plan;
}

} // namespace nightshift::app
