#include "governorstate.h"
#include <algorithm>
#include <cmath>

namespace nightshift::batch {

namespace {

constexpr int enough = 16;     // requests, to say that next to none are refused
constexpr int tooMany = 32;    // without a sign of why they are: ask less to see more
constexpr int many = 48;       // to say what part of them is
constexpr int window = 64;     // what is longer ago counts half
constexpr int negligible = 5;  // percent
constexpr int most = 50;       // percent that is ever borne
constexpr int signsNeeded = 2; // two refusals after a short pause may be chance: others ask, too, and clocks are coarse
constexpr int cutsInDoubt = 3; // that healed nothing

auto holderOf(auto &holders, const GovernorState::Holder &self)
{
    return std::ranges::find_if(
        holders, [&](const auto &each) { return each.pid == self.pid && each.startTime == self.startTime; });
}

} // namespace

int GovernorState::used() const
{
    int sum = 0;
    for (const Holder &holder : holders)
        sum += holder.count;
    return sum;
}

GovernorState::Answer GovernorState::take(const Holder &self, qint64 now)
{
    if (now < nextAllowed)
        return Answer::Early;
    if (used() >= limit)
        return Answer::Full;
    if (now < turnAt)
        return Answer::Early;
    if (roundTrip > 0) {             // in step they would spend in a moment what the server grants for a round
        constexpr qint64 credit = 3; // turns, for those who look late
        const qint64 spacing = roundTrip * 3 / (4 * limit); // the slots decide in the long run
        turnAt = std::max(turnAt, now - credit * spacing) + spacing;
    }
    if (borne == unknown && firstAt == 0 && lastPause > 0) {
        constexpr qint64 apart = 2; // ms, so that it is known which was the first
        firstAt = now;
        turnAt = std::max(turnAt, now + apart);
    }
    ++sent;
    weigh(now);
    if (const auto mine = holderOf(holders, self); mine != holders.end())
        ++mine->count;
    else
        holders.push_back({self.pid, self.startTime, 1});
    return Answer::Granted;
}

void GovernorState::giveBack(const Holder &self)
{
    const auto mine = holderOf(holders, self);
    if (mine != holders.end() && --mine->count <= 0)
        holders.erase(mine);
}

void GovernorState::succeeded(const RateHint &hint, qint64 now, Took took)
{
    refusals = 0;
    quickest = quickest > 0 ? std::min(quickest, std::max<qint64>(1, took.toBegin)) : took.toBegin;
    roundTrip = roundTrip > 0 ? (7 * roundTrip + took.toEnd) / 8 : took.toEnd;
    const bool isAtEase = ceiling == 0 && took.toBegin > 0 && took.toBegin <= 2 * quickest;
    const bool isUsed = 2 * (used() + 1) >= limit; // with this one's; else nothing was learned
    const bool mayGrow = limit < highestLimit && (limit + 1 < ceiling || now >= probeAt);
    if (isUsed && (++successes >= limit || isAtEase) && mayGrow) {
        limit = std::min(highestLimit, limit + std::max(1, (ceiling - limit) / 2));
        successes = 0;
    }
    pauseFor(hint, now);
}

void GovernorState::pauseFor(const RateHint &hint, qint64 now)
{
    if (hint.reset)
        nextAllowed = std::max(nextAllowed, now + hint.reset->count());
}

/// Of what was sent, not of what was answered: a refusal comes at once, an answer takes its time.
void GovernorState::weigh(qint64 now)
{
    const int share = 100 * turnedDown / sent;
    const int part = share < negligible ? 0 : share;
    if (borne == unknown) {
        if (part == 0 && sent >= enough) {
            borne = 0;
        } else if (signs >= signsNeeded && sent >= many) {
            borne = part;
            ceiling = 0; // what was taken for too much was not
        } else if (signs < signsNeeded && sent >= tooMany) {
            const int known = signs;
            cut(now);
            signs = known;
        }
        return;
    }
    if (sent < window)
        return;
    const bool isLittle = ceiling == 0 || 3 * limit <= 2 * ceiling; // else it may be of too much
    if (borne > 0 && (isLittle || share + 10 < borne))
        borne = part == 0 ? 0 : (3 * borne + part) / 4;
    cuts = 0;
    sent /= 2;
    turnedDown /= 2;
}

/// More than chance makes of the part that is borne.
bool GovernorState::isTooMuch() const
{
    if (borne == unknown)
        return 2 * turnedDown - sent >= 3;
    constexpr double deviations = 3; // this is asked at each of them
    const double part = borne / 100.;
    return turnedDown > sent * part + deviations * std::sqrt(sent * part * (1 - part)) + (borne > 0 ? 1 : 0);
}

void GovernorState::cut(qint64 now)
{
    ceiling = limit;
    if (borne == unknown || ++cuts >= cutsInDoubt) {
        signs = 0;
        cuts = 0;
        if (borne > 0) { // more than was thought
            borne = std::max(borne, (borne + std::min(most, 100 * turnedDown / std::max(1, sent))) / 2);
            ceiling = 0;
        } else {
            borne = unknown;
        }
    }
    limit = std::max(1, limit / 2);
    lastCut = now;
    successes = 0;
    sent = 0;
    turnedDown = 0;
}

qint64 GovernorState::refused(const RateHint &hint, qint64 sentAt, qint64 now, double jitter)
{
    constexpr double firstPause = 50, longestPause = 60'000; // ms; doubled soon where it is too short
    constexpr int probing = 10;                              // pauses from one probe to the next
    constexpr qint64 longPause = 500;                        // ms: no chance decides who comes first after it
    double wished = std::min(longestPause, firstPause * std::exp2(std::clamp(refusals, 0, 16)));
    if (hint.retryAfter && hint.retryAfter->count() > 0) // "at once" was wrong when it was refused
        wished = double(hint.retryAfter->count());
    if (hint.reset)
        wished = std::max(wished, double(hint.reset->count()));
    const qint64 pause = std::llround(wished * (1 + 0.1 * jitter));
    const bool isSameBurst = sentAt <= lastCut; // it was under way when the limit was cut: the cut answers it, too
    if (!isSameBurst) {
        ++turnedDown;
        if (borne == unknown && sentAt == firstAt)
            signs += lastPause >= longPause ? signsNeeded : 1;
        if (isTooMuch()) {
            cut(now);
            probeAt = now + probing * pause;
        } else if (borne > 0 || (borne == unknown && signs >= signsNeeded)) {
            return now + pause;
        }
        ++refusals;
    }
    firstAt = 0;
    lastPause = pause;
    nextAllowed = std::max(nextAllowed, now + pause);
    return 0;
}

} // namespace nightshift::batch
