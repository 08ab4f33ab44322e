#pragma once
#include "domain/settings.h"

namespace nightshift::tools {

/// What a command is told about where it runs.
struct CommandMarkers
{
    QString sessionId;
    QString callId;
    bool networkDisabled = false;
};

/// The whole environment of a command as NAME=value: ours as the policy lets it through, then what makes
/// programs quiet (no pager, no colour, a plain locale), then the markers. The policy's steps: inherit,
/// default excludes, exclude, set, include_only. Patterns know * and ? and no case.
QStringList commandEnvironment(const QStringList &ours, const EnvironmentPolicy &policy, const CommandMarkers &markers);

/// Whether a variable, as NAME=value, is another one for each call.
bool isOfOneCall(const QString &variable);

} // namespace nightshift::tools
