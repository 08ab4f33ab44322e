#pragma once
#include "batch/ratehint.h"
#include <vector>

namespace nightshift::batch {

/// What all processes of a user know of one key at one host. Pure: times are handed in, milliseconds since 1970.
///
/// A server refuses for one of two reasons. It is asked too much: asking less heals that, so the limit is halved and
/// all wait as long as the server says. Or it refuses a part of whatever it is asked: asking less would only be slow,
/// so that part is borne, who is refused waits alone, and only more refusals than that are a sign of too much.
/// The first request after a pause tells which it is: a server that was asked too much lets that one pass.
struct GovernorState
{
    static constexpr int firstLimit = 4;
    static constexpr int highestLimit = 256; ///< What one host may be asked at once, whatever it bears.
    static constexpr int unknown = -1;

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
    qint64 turnAt = 0;    ///< When the next slot may be taken: not all come at once.
    int successes = 0;    ///< Since the limit changed.
    int refusals = 0;     ///< Without a success between.
    int sent = 0;         ///< Since the limit was halved; what is long ago counts less.
    int turnedDown = 0;   ///< Of them.
    int borne = unknown;  ///< Percent of the requests that are refused however few are sent.
    int cuts = 0;         ///< Since enough were sent between to say that the limit is right.
    qint64 firstAt = 0;   ///< When the first request after a pause was sent, while `borne` is unknown; 0 before it.
    qint64 lastPause = 0; ///< How long that pause was, ms.
    int signs = 0;        ///< That refusals do not come of too much, since `borne` is unknown.
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
    /// As long as what there is is used, more at a time: one after each success while too much was never asked and the
    /// server answers as quickly as to a few; else after a round of successes half of what is missing to what was too
    /// much. That is tried again only so often that refusals cost a small part of the time.
    void succeeded(const RateHint &hint, qint64 now, Took took);
    void pauseFor(const RateHint &hint, qint64 now);
    /// A request that was sent at `sentAt`. Returns when it may be sent again as far as it alone is concerned; 0 when
    /// all wait until `nextAllowed`. A pause is the server's own, or one that doubles; `jitter` in [0, 1) spreads those
    /// who come back.
    qint64 refused(const RateHint &hint, qint64 sentAt, qint64 now, double jitter);
    int used() const;

    bool operator==(const GovernorState &) const = default;

private:
    void weigh(qint64 now);
    void cut(qint64 now);
    bool isTooMuch() const;
};

} // namespace nightshift::batch
