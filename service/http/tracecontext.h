#pragma once
#include "http/requesthead.h"

namespace nightshift::http {

/// What the request is a part of, to be passed on; empty when it does not say so, or not in words that all understand.
/// Source: https://www.w3.org/TR/trace-context, section 3.2.
QByteArray traceParent(const RequestHead &head);

} // namespace nightshift::http
