#include "review.h"
#include "base/jsonreader.h"
#include "engine/gitstate.h"
#include "isolation/git.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

Result<QByteArray> mergeBase(const QString &branch, const Settings &settings)
{
    using isolation::Git;
    const bool hasFullAccess = settings.sandbox.mode == SandboxPolicy::Mode::DangerFullAccess;
    return isolation::Repository::of(engine::repositoryRoot(settings.cwd))
        .and_then([&](const isolation::Repository &repository) {
            return Git::reading(repository, hasFullAccess ? Git::NoSandbox::RunBare : Git::NoSandbox::Refuse);
        })
        .and_then([&](const Git &git) { return git.run({u"merge-base"_s, u"--end-of-options"_s, u"HEAD"_s, branch}); });
}

QString baseBranchPrompt(const QString &branch, const Settings &settings)
{
    const auto base = mergeBase(branch, settings);
    if (!base) // the branch may be known under another name only: the model can find out
        return u"Review the changes of this branch against the base branch '%1'. Find their merge base first, then "
               u"look "
               "at the diff from there."_s.arg(branch);
    return u"Review the changes of this branch against the base branch '%1': `git diff %2` shows what would be merged."_s
        .arg(branch, QString::fromLatin1(base->trimmed()));
}

QString location(JsonView finding)
{
    const JsonView place = finding["code_location"];
    return u"%1:%2-%3"_s.arg(place["absolute_file_path"].toString())
        .arg(place["line_range"]["start"].toInteger())
        .arg(place["line_range"]["end"].toInteger());
}

QString indented(const QString &text)
{
    QStringList lines = text.split(u'\n');
    for (QString &line : lines)
        line.prepend("  "_L1);
    return lines.join(u'\n');
}

RawJson number(JsonView value)
{
    return value.isNumber() ? value.raw() : RawJson{"0"};
}

RawJson findingObject(JsonView finding)
{
    const JsonView place = finding["code_location"];
    const JsonView range = place["line_range"];
    const RawJson lines = json::object({{"start", range["start"].toInteger()}, {"end", range["end"].toInteger()}});
    return json::object({{"title", finding["title"].toString()},
                         {"body", finding["body"].toString()},
                         {"confidence_score", number(finding["confidence_score"])},
                         {"priority", number(finding["priority"])},
                         {"code_location", json::object({{"absolute_file_path", place["absolute_file_path"].toString()},
                                                         {"line_range", lines}})}});
}

} // namespace

QString reviewPrompt(const ReviewTarget &target, const QString &custom, const Settings &settings)
{
    if (target.uncommitted)
        return u"Review the current changes of this working tree: what is staged, what is not, and the files Git does "
               u"not "
               "track yet."_s;
    if (target.base)
        return baseBranchPrompt(*target.base, settings);
    if (!target.commit)
        return custom.trimmed();
    const QString title = target.title ? u" (\"%1\")"_s.arg(*target.title) : QString();
    return u"Review the changes that commit %1%2 made: `git show %1`."_s.arg(*target.commit, title);
}

QString reviewHint(const ReviewTarget &target, const QString &custom)
{
    constexpr int shownHash = 7; // as Git shortens it
    if (target.uncommitted)
        return u"current changes"_s;
    if (target.base)
        return u"changes against '%1'"_s.arg(*target.base);
    if (!target.commit)
        return custom.trimmed();
    const QString title = target.title ? u": "_s + *target.title : QString();
    return u"commit "_s + target.commit->left(shownHash) + title;
}

RawJson reviewFindings(const QString &answer)
{
    const auto document = JsonDocument::parse(answer.toUtf8());
    const bool isReview = document && document->root()["findings"].isArray();
    const JsonView review = isReview ? document->root() : JsonView();
    std::vector<RawJson> findings;
    for (const JsonView finding : review["findings"].items())
        findings.push_back(findingObject(finding));
    return json::object({{"findings", json::array(findings)},
                         {"overall_correctness", review["overall_correctness"].toString()},
                         {"overall_explanation", isReview ? review["overall_explanation"].toString() : answer},
                         {"overall_confidence_score", number(review["overall_confidence_score"])}});
}

QString renderReview(const QString &answer)
{
    const auto document = JsonDocument::parse(answer.toUtf8());
    if (!document || !document->root()["findings"].isArray())
        return answer;
    const JsonView review = document->root();
    const auto findings = review["findings"].items();
    QString text = review["overall_explanation"].toString().trimmed();
    if (!findings.empty())
        text += findings.size() == 1 ? u"\n\nReview comment:\n"_s : u"\n\nFull review comments:\n"_s;
    for (const JsonView finding : findings) {
        text += u"\n- %1 — %2\n%3\n"_s.arg(finding["title"].toString(), location(finding),
                                           indented(finding["body"].toString().trimmed()));
    }
    return text.trimmed();
}

} // namespace nightshift::app
