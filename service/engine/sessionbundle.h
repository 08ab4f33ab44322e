#pragma once
#include "llm/secretmask.h"
#include "store/bundle.h"
#include "store/compression.h"
#include "store/sessionfiles.h"

namespace nightshift::engine {

/// Which session is bundled, and what of it.
struct BundleOrder
{
    QString stateDir;
    store::SessionFile session;
    store::Decompress decompress;
    QString isolatedDiff;  ///< The file with the patch that its isolated run came to; empty when it had none.
    bool files = false;    ///< Declared outputs, too.
    bool cassette = false; ///< Recorded traffic with the model, too.
    std::optional<llm::SecretMask> mask = {}; ///< Takes secrets out of everything.
};

/// All that is needed to go on with a session elsewhere, with its manifest. Reads the log to its end, and masks it if
/// that is asked for: in the pool where a loop must go on. NotFound when something asked for is not there; Denied for a
/// log that only points to another one, as the reference's forks do.
Result<store::Bundle> makeBundle(BundleOrder order);

} // namespace nightshift::engine
