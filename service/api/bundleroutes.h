#pragma once
#include "api/bundleshelf.h"
#include "api/sessions.h"

namespace nightshift::api {

/// /v1/sessions/{id}/bundle and /v1/sessions/import. Both outlive them.
std::vector<http::Route> bundleRoutes(Sessions &sessions, BundleShelf &shelf);

/// /v1/sessions/{id}/files, …/files/{path} and …/diff: what a session came to, and nothing else of the disk.
std::vector<http::Route> artifactRoutes(Sessions &sessions);

} // namespace nightshift::api
