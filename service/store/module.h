#pragma once
#include "base/result.h"

namespace nightshift::store {

/// Loads the module, which stays loaded, and finds what it exports under that name.
Result<void *> moduleSymbol(const QString &modulePath, const char *symbol);

template <typename Function>
Result<Function *> moduleFunction(const QString &modulePath, const char *symbol)
{
    return moduleSymbol(modulePath, symbol).transform([](void *found) { return reinterpret_cast<Function *>(found); });
}

} // namespace nightshift::store
