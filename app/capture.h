#pragma once
#include "domain/settings.h"
#include "llm/httpclient.h"

namespace nightshift::app {

/// The client itself, or, where NIGHTSHIFT_CAPTURE names a folder, one that writes all it sends and receives
/// there, without the keys of the settings and of the environment. Denied when the folder cannot be made.
Result<std::unique_ptr<llm::HttpClient>> captured(std::unique_ptr<llm::HttpClient> client, const Settings &settings);

} // namespace nightshift::app
