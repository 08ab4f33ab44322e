#pragma once
#include "sandbox/place.h"
#include "sandbox/places.h"

namespace nightshift::sandbox {

/// What a waiting call returns.
struct Reply
{
    /// Kernel: let it happen, or be refused, as called. Elsewhere: another process of ours will answer.
    enum class Kind { Done, Failed, Opened, Kernel, Elsewhere };
    Kind kind = Kind::Kernel;
    int error = 0; ///< Of Failed.
    Fd file = Fd();
    int flags = 0; ///< Of Opened: O_CLOEXEC or none.
};

/// Carries out, for commands under Landlock, the calls that change files where the policy lets them.
///
/// Landlock can only grant whole folders, so it grants no writing at all; the filter sends every call that
/// would change a file here. Where the policy allows it we do it ourselves, on descriptors that we opened and
/// looked at, so that no rename in between leads elsewhere. Everything else goes on to the kernel, where
/// Landlock refuses it with the right error; what Landlock does not know (modes, owners, times) we refuse.
/// We have the command's user and no privileges, so nothing is possible here that it could not do itself.
class Broker
{
public:
    explicit Broker(Places places)
        : m_places(std::move(places))
    {}
    /// Answers one call; false when there will be no more.
    bool serve(int listener) const;

private:
    Reply answer(const Caller &caller, long call) const;
    Reply changeNames(const Caller &caller, long call) const;
    Reply open(const Caller &caller, bool found, const Place &place, int flags, unsigned mode) const;
    Reply make(const Caller &caller, bool found, const Place &place, unsigned mode) const;
    Reply makeFolder(const Caller &caller, bool found, const Place &place, unsigned mode) const;
    Reply makeLink(const Caller &caller, bool found, const Place &place) const;
    Reply remove(bool found, const Place &place, int flags) const;
    Reply move(bool found, const Place &from, const Place &to, unsigned flags) const;
    Reply linkFile(bool found, const Place &from, const Place &to) const;
    Reply shorten(bool found, const Place &place, long long size) const;
    bool mayWrite(bool found, const Place &place) const { return found && m_places.mayWrite(place.path); }

    const Places m_places;
};

Reply done(long result);

/// Modes, owners, times and extended attributes: a Kernel reply means that `call` is about none of them.
Reply changeAttributes(const Caller &caller, long call, const Places &places);

} // namespace nightshift::sandbox
