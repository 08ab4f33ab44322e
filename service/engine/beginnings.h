#pragma once
#include "engine/briefing.h"
#include "store/sessionmeta.h"
#include <memory>

namespace nightshift::engine {

/// What a session finds where it begins.
struct Beginning
{
    Briefing briefing;
    std::optional<store::GitState> git;
};

/// The beginnings of one process's sessions. From the second on they are kept: those that begin alike look only whether
/// a file that the model is told of, or the commit, has changed since.
class Beginnings
{
public:
    /// `shell` is the path of the shell that commands run in.
    explicit Beginnings(QString shell);
    ~Beginnings();

    Beginning of(const Settings &settings);

private:
    struct Known;
    const QString m_shell;
    bool m_isFirst = true;
    std::unique_ptr<Known> m_known; ///< Null until something is kept.
};

} // namespace nightshift::engine
