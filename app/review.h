#pragma once
#include "app/commandline.h"
#include "base/rawjson.h"
#include "base/result.h"

namespace nightshift::app {

/// What a reviewing model is told to look at. `custom` is the prompt where the target names nothing; for a
/// base branch the merge base is asked of Git in the working folder.
QString reviewPrompt(const ReviewTarget &target, const QString &custom, const Settings &settings);

/// The same in a few words, for people; the reference's words.
QString reviewHint(const ReviewTarget &target, const QString &custom);

/// A review's answer as {findings: [{title, body, confidence_score, priority, code_location}], overall_correctness,
/// overall_explanation, overall_confidence_score}; one that is no review's JSON is all explanation.
RawJson reviewFindings(const QString &answer);

/// A review as people read it; an answer that is no review's JSON stays as it is. The shape is the
/// reference's: explanation, then each finding with its place and its indented body.
QString renderReview(const QString &answer);

} // namespace nightshift::app
