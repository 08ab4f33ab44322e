#include "app/commandlines.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

OutputForm outputForm(const Answers &answers)
{
    const auto form = answers.value(Option::Json);
    if (answers.has(Option::LegacyJson) || form == "protocol"_L1)
        return OutputForm::Protocol;
    if (form == "deltas"_L1)
        return OutputForm::Deltas;
    return form ? OutputForm::Json : OutputForm::Human;
}

ColorMode colorMode(const Answers &answers)
{
    const auto mode = answers.value(Option::Color);
    return mode == "always"_L1 ? ColorMode::Always : mode == "never"_L1 ? ColorMode::Never : ColorMode::Auto;
}

QStringList imageFiles(const Answers &answers)
{
    QStringList files;
    for (const QString &list : answers.values(Option::Image))
        files += list.split(','_L1, Qt::SkipEmptyParts);
    return files;
}

/// `resume ID PROMPT`, `resume --last PROMPT`, and `resume --last ID PROMPT` whose id is ignored.
void takeResume(const Answers &answers, ExecOptions &options)
{
    const QStringList words = answers.words(Command::Resume);
    ResumeTarget target{.session = {}, .last = answers.has(Option::Last), .all = answers.has(Option::All)};
    if (target.last && !words.isEmpty())
        options.prompt = words.last();
    if (!target.last && !words.isEmpty())
        target.session = words.first();
    if (!target.last && words.size() > 1)
        options.prompt = words[1];
    options.target = target;
}

Parsed<void> takeFork(const Answers &answers, ExecOptions &options)
{
    const QStringList words = answers.words(Command::Fork);
    if (words.isEmpty())
        return answers.refuse(u"the following required arguments were not provided:\n  <SESSION_ID>"_s);
    ForkTarget target{words[0]};
    if (const auto turn = answers.value(Option::AtTurn))
        target.atTurn = turn->toLongLong();
    options.target = target;
    if (words.size() > 1)
        options.prompt = words[1];
    if (!options.prompt && !options.promptFile && (options.lastMessageFile || options.outputSchema))
        return std::unexpected(UsageError{u"Forking with output options requires a prompt"_s, 1});
    return {};
}

Parsed<void> takeReview(const Answers &answers, ExecOptions &options)
{
    const QStringList words = answers.words(Command::Review);
    if (!words.isEmpty())
        options.prompt = words[0];
    const ReviewTarget target{.uncommitted = answers.has(Option::Uncommitted),
                              .base = answers.value(Option::Base),
                              .commit = answers.value(Option::Commit),
                              .title = answers.value(Option::Title)};
    if (target.title && !target.commit)
        return answers.refuse(u"the following required arguments were not provided:\n  --commit <SHA>"_s);
    const bool named = target.uncommitted || target.base || target.commit;
    const bool custom = options.prompt || options.promptFile;
    if (named && custom) {
        const Option first = target.uncommitted ? Option::Uncommitted : target.base ? Option::Base : Option::Commit;
        return answers.refuse("the argument '%1' cannot be used with '[PROMPT]'"_L1.arg(shown(optionRow(first))));
    }
    const bool blank = options.prompt && options.prompt->trimmed().isEmpty();
    if (!named && (!custom || blank))
        return std::unexpected(
            UsageError{u"Specify --uncommitted, --base, --commit, or provide custom review instructions"_s, 1});
    if (options.cyberAccessProgram)
        return std::unexpected(UsageError{u"--cyber-access-program is not supported with review"_s, 1});
    options.target = target;
    return {};
}

Parsed<void> takeTarget(const Answers &answers, ExecOptions &options)
{
    switch (answers.command()) {
    case Command::Resume:
        takeResume(answers, options);
        return {};
    case Command::Fork:
        return takeFork(answers, options);
    case Command::Review:
        return takeReview(answers, options);
    default:
        return {};
    }
}

} // namespace

Parsed<CommandLine> execOptions(const Answers &answers)
{
    const QStringList words = answers.words(Command::Exec);
    ExecOptions options{
        .settings = answers.settings(),
        .target = {},
        .prompt = words.isEmpty() ? std::optional<QString>() : words[0],
        .promptFile = answers.value(Option::PromptFile),
        .images = imageFiles(answers),
        .form = outputForm(answers),
        .queries = answers.values(Option::Query),
        .color = colorMode(answers),
        .lastMessageFile = answers.value(Option::LastMessageFile),
        .outputSchema = answers.value(Option::OutputSchema),
        .skipGitRepoCheck = answers.has(Option::SkipGitRepoCheck),
        .ephemeral = answers.has(Option::Ephemeral),
        .diffFile = answers.value(Option::Diff),
        .apply = answers.has(Option::Apply),
        .threadSource = answers.value(Option::ThreadSource),
        .cyberAccessProgram = answers.value(Option::CyberAccessProgram),
        .limits = answers.limits(),
        .tape = answers.tape(),
        .notices = {},
    };
    if (const auto taken = takeTarget(answers, options); !taken)
        return std::unexpected(taken.error());
    if (options.promptFile && options.prompt)
        return answers.refuse(u"the argument '--prompt-file <FILE>' cannot be used with '[PROMPT]'"_s);
    if (!options.queries.isEmpty() && options.form != OutputForm::Protocol)
        return answers.refuse(u"the argument '--query <WHAT>' needs '--json=protocol'"_s);
    if (answers.has(Option::FullAuto))
        options.notices += u"warning: `--full-auto` is the old name of `--sandbox workspace-write`"_s;
    return options;
}

} // namespace nightshift::app
