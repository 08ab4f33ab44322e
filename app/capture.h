#pragma once
#include "domain/settings.h"
#include "llm/httpclient.h"
#include <QByteArrayList>

namespace nightshift::app {

/// The keys of the settings and of the environment, which nothing that is kept may hold.
QByteArrayList secretsOf(const Settings &settings);

/// The client itself, or, where NIGHTSHIFT_CAPTURE names a folder, one that writes all it sends and receives
/// there, without the keys of the settings and of the environment. Denied when the folder cannot be made.
Result<std::unique_ptr<llm::HttpClient>> captured(std::unique_ptr<llm::HttpClient> client, const Settings &settings);

} // namespace nightshift::app
