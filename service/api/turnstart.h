#pragma once
#include "api/sessionview.h"
#include "domain/settings.h"
#include "engine/session.h"

namespace nightshift::api {

/// What the model is shown of an input. Relative paths start from `cwd`.
UserInput userInput(const std::vector<InputPart> &input, const QString &cwd);
/// Notes what of the input cannot be read, or lies outside of `cwd`.
std::vector<http::FieldProblem> inputProblems(const std::vector<InputPart> &input, const QString &cwd);

/// What a turn may use: its own limits, and what is left of its session's.
TurnLimits turnLimits(const SessionView &session, const SessionLimits &own);
/// Why the session may have no other turn, if it may not.
std::optional<http::Problem> exhausted(const SessionView &session);
/// Without the number of turns: what forbids even a turn that was accepted, until the limits are raised.
std::optional<http::Problem> spent(const SessionView &session);

/// How the turn is to be done.
engine::Session::Wishes wishes(const SessionView &session, const TurnView &turn);

} // namespace nightshift::api
