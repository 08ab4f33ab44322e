#pragma once
#include "base/result.h"
#include "http/problem.h"

namespace nightshift::api {

/// How an error of ours is told to clients.
http::Problem problemOf(const Error &error);
/// What is wrong with one member of a body.
http::Problem refused(const QString &pointer, const QString &detail);

} // namespace nightshift::api
