#pragma once
#include "domain/event.h"

namespace nightshift::app {

/// A session as a page to read or to paste somewhere. Pure; somebody else writes.
class MarkdownPrinter
{
public:
    /// UTF-8; empty for what a reader need not see.
    QByteArray onEvent(const Event &event);
};

} // namespace nightshift::app
