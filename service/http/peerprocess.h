#pragma once
#include <QString>

namespace nightshift::http {

/// Whether the process that connected over this Unix socket lives in our namespaces of users and processes. A command
/// in a sandbox, or a program in a container, does not, and our user's identity is not enough for it. False as well
/// when the process has ended or may not be looked at.
bool isInOurNamespaces(int fd);

/// Where a Unix socket lies in the file system; empty for any other.
QString socketPath(int fd);

} // namespace nightshift::http
