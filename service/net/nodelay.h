#pragma once
#include <QtGlobal>

namespace nightshift::net {

/// Switches Nagle's algorithm off for every TCP socket of this process; what waited in one goes out at once.
///
/// QNetworkAccessManager neither does that nor lends its sockets, and it sends a body in pieces of 16 KB: the last one
/// of every longer request would wait until the server acknowledges those before it, which takes 40 ms where the server
/// is in no hurry. Costs a look at every open file, so call it once for each new connection.
void sendWithoutDelay();

/// What all TCP sockets of this process have received so far, together.
qint64 receivedBytes();

} // namespace nightshift::net
