#pragma once

namespace nightshift::sandbox {

/// Sends one byte over a Unix socket, and a descriptor with it. System calls only; false with errno.
bool handOver(int socket, char word, int fd);

/// The next such byte, and its descriptor, or -1. False when nothing came, as at the end.
bool takeOver(int socket, char &word, int &fd);

} // namespace nightshift::sandbox
