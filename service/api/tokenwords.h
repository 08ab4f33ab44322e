#pragma once
#include "domain/serving.h"
#include <QStringList>

namespace nightshift::api {

/// `add LABEL SCOPE…`, `list` and `revoke ID`: changes tokens.json and returns what to print. A new token is shown
/// this once; a running service knows of every change at once.
Result<TokenAnswer> changeTokens(const QStringList &words, const QString &tokensPath);

} // namespace nightshift::api
