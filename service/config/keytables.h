#pragma once
#include "config/settingkeys.h"

/// The parts of the one table of settings.
namespace nightshift::config::keys {

/// Which model answers, where, and what is known of it.
std::span<const SettingKey> providerKeys();
/// What the model is told, and how it thinks.
std::span<const SettingKey> conversationKeys();
/// What commands may do, and what surrounds them.
std::span<const SettingKey> commandKeys();
/// What else the model is offered, and what is shown of its work.
std::span<const SettingKey> toolKeys();

} // namespace nightshift::config::keys
