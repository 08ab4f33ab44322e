#pragma once
#include "app/commandline.h"
#include "app/settingflags.h"
#include "isolation/isolatedtree.h"
#include <memory>

namespace nightshift::app {

/// The tree that stands in for the real one during a run, from its making to what becomes of the result.
class RunIsolation
{
public:
    RunIsolation() = default;
    RunIsolation(RunIsolation &&) = default;
    RunIsolation &operator=(RunIsolation &&) = default;
    /// Leaves nothing of a run that has no session.
    ~RunIsolation();

    /// What the settings, or the session that is resumed, ask for. `settings` then work in the tree that stands
    /// in. For an overlay this process becomes the helper, which starts us again inside; call it before stdin is
    /// read and before anything else that cannot happen twice.
    static std::expected<RunIsolation, StartError> enter(const ExecOptions &options, Settings &settings);

    /// Once the session has an id.
    Result<> adopt(const QString &sessionId);
    /// Where a file really is that the user named for us to write.
    QString outside(const QString &path) const { return m_tree ? m_tree->outside(path) : path; }
    /// After the last turn; `isComplete`: it ended well. An error means that something asked for was not done.
    Result<> finish(bool isComplete);

private:
    static std::expected<RunIsolation, StartError> open(const ExecOptions &options, Settings &settings);
    static Result<isolation::IsolatedTree> choose(const ExecOptions &options, const Settings &settings);
    Result<> deliver(const QByteArray &patch, bool isComplete);

    std::unique_ptr<isolation::IsolatedTree> m_tree; ///< None for a run in the real tree.
    std::optional<QString> m_diffFile;
    QString m_sessionId; ///< Empty when nothing is recorded.
    bool m_apply = false;
};

} // namespace nightshift::app
