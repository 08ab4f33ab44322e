#include "governorstate.h"
#include <algorithm>
#include <cmath>

namespace nightshift::batch {

namespace {

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
    if (ceiling > 0) {               // in step they would spend in a moment what the server grants for a round
        constexpr qint64 credit = 3; // turns, for those who look late
        const qint64 spacing = roundTrip * 3 / (4 * limit); // the slots decide in the long run
        turnAt = std::max(turnAt, now - credit * spacing) + spacing;
    }
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
    const bool isUsed = used() * 2 >= limit; // else nothing was learned
    const bool mayGrow = limit < highestLimit && (limit + 1 < ceiling || now >= probeAt);
    if (isUsed && (++successes >= limit || isAtEase) && mayGrow) {
        ++limit;
        successes = 0;
    }
    pauseFor(hint, now);
}

void GovernorState::pauseFor(const RateHint &hint, qint64 now)
{
    if (hint.reset)
        nextAllowed = std::max(nextAllowed, now + hint.reset->count());
}

void GovernorState::refused(const RateHint &hint, qint64 sentAt, qint64 now, double jitter)
{
    constexpr double firstPause = 50, longestPause = 60'000; // ms; doubled soon where it is too short
    constexpr double probing = 10;                           // pauses from one probe to the next
    const bool isSameBurst = sentAt <= lastCut; // it was under way when the limit was cut: the cut answers it, too
    if (!isSameBurst) {
        ceiling = limit;
        limit = std::max(1, limit / 2);
        successes = 0;
        lastCut = now;
        ++refusals;
    }
    double pause = std::min(longestPause, firstPause * std::exp2(std::clamp(refusals - 1, 0, 16)));
    if (hint.retryAfter)
        pause = double(hint.retryAfter->count());
    if (hint.reset)
        pause = std::max(pause, double(hint.reset->count()));
    nextAllowed = std::max(nextAllowed, now + std::llround(pause * (1 + 0.1 * jitter)));
    probeAt = now + std::llround(pause * probing);
}

} // namespace nightshift::batch
