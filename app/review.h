#pragma once
#include "app/commandline.h"
#include "base/result.h"

namespace nightshift::app {

/// What a reviewing model is told to look at. `custom` is the prompt where the target names nothing; for a
/// base branch the merge base is asked of Git in `cwd`.
QString reviewPrompt(const ReviewTarget &target, const QString &custom, const QString &cwd);

/// A review as people read it; an answer that is no review's JSON stays as it is. The shape is the
/// reference's: explanation, then each finding with its place and its indented body.
QString renderReview(const QString &answer);

} // namespace nightshift::app
