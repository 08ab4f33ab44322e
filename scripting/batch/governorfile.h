#pragma once
#include "base/result.h"
#include "batch/governorstate.h"
#include <functional>

namespace nightshift::batch {

QByteArray encode(const GovernorState &state);
/// Garbage is a first state.
GovernorState decodeGovernorState(QByteArrayView text);

/// The state in its file, changed by one process at a time.
class GovernorFile
{
public:
    explicit GovernorFile(QString path);
    ~GovernorFile();
    GovernorFile(const GovernorFile &) = delete;
    GovernorFile &operator=(const GovernorFile &) = delete;

    /// Drops processes that are gone, calls `change`, writes what came of it. Without a file (a full or forbidden
    /// folder) the state is this process's own.
    GovernorState update(const std::function<void(GovernorState &state, const GovernorState::Holder &self)> &change);

private:
    int m_fd = -1;
    GovernorState m_own;
    GovernorState::Holder m_self;
};

/// Where the state of a key at a host lies: $XDG_RUNTIME_DIR/nightshift/governor/HASH, else below STATE.
QString governorPath(const QString &runtimeFolder, const QString &host, const QByteArray &key);

} // namespace nightshift::batch
