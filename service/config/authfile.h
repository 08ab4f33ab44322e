#pragma once
#include "base/result.h"
#include "base/secret.h"

namespace nightshift::config {

/// What auth.json of a home holds; nothing when there is none or it is broken.
struct StoredLogin
{
    Secret apiKey;
    bool chatGpt = false; ///< It holds the tokens of a subscription, which we cannot use.
};
StoredLogin readLogin(const QString &configHome);

/// `login --with-api-key`: writes auth.json, 0600, creating the folder, 0700, where there is none.
Result<> writeLogin(const QString &configHome, const Secret &apiKey);

/// `logout`: whether there was something to remove.
Result<bool> removeLogin(const QString &configHome);

} // namespace nightshift::config
