#pragma once
#include "base/filedescriptor.h"

namespace nightshift::store {

using nightshift::FileDescriptor;

} // namespace nightshift::store
