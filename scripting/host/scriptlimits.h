#pragma once
#include "batch/options.h"
#include <QElapsedTimer>
#include <mutex>

namespace nightshift::host {

/// `limits`, with those of `wished` where it has none.
batch::Limits filledIn(batch::Limits limits, const batch::Limits &wished);

/// A script's limits and what it has spent, as it sees them: it asks on its own thread, and they change on the main
/// one.
class ScriptLimits
{
public:
    void begin(const batch::Limits &limits);
    void note(const Usage &usage, qint64 requests);
    std::chrono::milliseconds age() const { return std::chrono::milliseconds(m_age.elapsed()); }

    RawJson spent() const;
    RawJson left() const;
    /// What `wished` leaves open stays as it is. Gives what holds now.
    batch::Limits change(const batch::Limits &wished);

private:
    mutable std::mutex m_mutex;
    Usage m_spent;
    qint64 m_requests = 0;
    batch::Limits m_limits;
    QElapsedTimer m_age;
};

} // namespace nightshift::host
