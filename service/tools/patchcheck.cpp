#include "tools/patchcheck.h"
#include "tools/diskfiles.h"
#include <map>
#include <ranges>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

FileChange intended(const PatchHunk &hunk, const QString &cwd)
{
    FileChange change{.path = absolutePath(hunk.path, cwd), .content = hunk.content};
    if (!hunk.moveTo.isEmpty())
        change.movedTo = absolutePath(hunk.moveTo, cwd);
    switch (hunk.kind) {
    case PatchHunk::Kind::Add:
        change.kind = FileChange::Kind::Add;
        break;
    case PatchHunk::Kind::Delete:
        change.kind = FileChange::Kind::Delete;
        break;
    case PatchHunk::Kind::Update:
        break;
    }
    return change;
}

/// What the patch means to change, for one that could not be planned: no diffs, no deleted texts.
std::vector<FileChange> intendedChanges(const Patch &patch, const QString &cwd)
{
    std::map<QString, FileChange> changes; // of two hunks of one file the last is shown
    for (const PatchHunk &hunk : patch.hunks) {
        FileChange change = intended(hunk, cwd);
        changes.insert_or_assign(change.path, std::move(change));
    }
    const auto values = std::views::values(changes);
    return {values.begin(), values.end()};
}

std::optional<QString> refusal(const PatchPlan &plan, const WritePolicy &policy)
{
    for (const FileEdit &edit : plan.edits) {
        if (policy.mayWrite(edit.path))
            continue;
        const QString reason = policy.mode == SandboxPolicy::Mode::ReadOnly
                                   ? u"writing is blocked by read-only sandbox"_s
                                   : u"writing outside of the project"_s;
        return u"patch rejected: %1; rejected by user approval settings: %2"_s.arg(reason, edit.path);
    }
    return {};
}

} // namespace

CheckedPatch checkPatch(const QString &text, const QString &cwd, const WritePolicy &policy)
{
    const Result<Patch> patch = parsePatch(text);
    if (!patch)
        return {.problem = u"apply_patch verification failed: "_s + patch.error().message};
    if (patch->environment)
        return {.problem = u"apply_patch environment selection is unavailable for this turn"_s};
    if (patch->hunks.empty())
        return {.problem = u"patch rejected: empty patch"_s};
    Result<PatchPlan> plan = planPatch(*patch, cwd);
    if (!plan)
        return {.problem = u"apply_patch verification failed: "_s + plan.error().message,
                .plan = {.changes = intendedChanges(*patch, cwd)}};
    if (const std::optional<QString> no = refusal(*plan, policy))
        return {.problem = no, .isForbidden = true, .plan = {.changes = plan->changes}};
    return {.plan = *std::move(plan)};
}

} // namespace nightshift::tools
