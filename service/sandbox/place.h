#pragma once
#include "sandbox/caller.h"

namespace nightshift::sandbox {

enum class LastLink { Follow, Keep };

/// A name in a folder that is held open: whatever is renamed meanwhile, both stay what was looked at.
struct Place
{
    Fd parent;
    std::string name; ///< "." when the place is the folder itself.
    std::string path; ///< Without links, but for the name's own.

    /// The file there, opened only to be named; no link is followed. Not open, with errno, when there is none.
    Fd file() const;
};

/// Looks up what arguments of the caller name. False with errno when a folder on the way is missing.
bool findPlace(const Caller &caller, int folderArgument, int pathArgument, LastLink last, Place &place);
/// The same for calls without a folder's argument: relative to the working folder.
bool findPlace(const Caller &caller, int pathArgument, LastLink last, Place &place);

} // namespace nightshift::sandbox
