#pragma once
#include "batch/ratehint.h"
#include <vector>

namespace nightshift::batch {

/// What all processes of a user know of one key at one host. Pure: times are handed in, milliseconds since 1970.
struct GovernorState
{
    static constexpr int firstLimit = 4;
    static constexpr int highestLimit = 256; ///< What one host may be asked at once, whatever it bears.

    struct Holder
    {
        qint64 pid = 0;
        qint64 startTime = 0; ///< Of the process, so that a number that is used again is not taken for it.
        int count = 0;
        bool operator==(const Holder &) const = default;
    };
    int limit = firstLimit;
    qint64 nextAllowed = 0;
    qint64 lastCut = 0;   ///< When the limit was last halved.
    int ceiling = 0;      ///< What the limit was then; 0 before.
    qint64 probeAt = 0;   ///< Not before then is it tried again whether the server bears as much.
    qint64 quickest = 0;  ///< What the quickest answer took to begin, ms; 0 before.
    qint64 roundTrip = 0; ///< What an answer takes to its end, ms, smoothed; 0 before.
    qint64 turnAt = 0;    ///< When the next slot may be taken: those that were refused once do not come all at once.
    int successes = 0;    ///< Since the limit changed.
    int refusals = 0;     ///< Without a success between.
    std::vector<Holder> holders;

    /// Takes a slot. Else: how long to wait before it makes sense to ask again; nothing when a slot must come free.
    enum class Answer { Granted, Full, Early };
    Answer take(const Holder &self, qint64 now);
    void giveBack(const Holder &self);
    /// When take() can be granted at the soonest.
    qint64 earliest() const { return std::max(nextAllowed, turnAt); }
    /// Of a request, in milliseconds: until its answer began, and until that ended.
    struct Took
    {
        qint64 toBegin = 0;
        qint64 toEnd = 0;
    };
    /// One more at a time after a round of successes, as long as what there is is used; after each success as long as
    /// the server has refused nothing and answers as quickly as to a few. What was too much before is tried again only
    /// so often that refusals cost a small part of the time.
    void succeeded(const RateHint &hint, qint64 now, Took took);
    void pauseFor(const RateHint &hint, qint64 now);
    /// Half as many at a time, once for each burst, and a pause: the server's own, or one that doubles.
    /// `jitter` in [0, 1) spreads those who come back.
    void refused(const RateHint &hint, qint64 sentAt, qint64 now, double jitter);
    int used() const;

    bool operator==(const GovernorState &) const = default;
};

} // namespace nightshift::batch
