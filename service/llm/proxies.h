#pragma once
#include "domain/settings.h"
#include <QUrl>

namespace nightshift::llm {

/// The proxy for a URL, with scheme and port; empty for exempt hosts, their subdomains, and where none is named.
QUrl proxyFor(const QUrl &url, const ProxySettings &settings);

} // namespace nightshift::llm
