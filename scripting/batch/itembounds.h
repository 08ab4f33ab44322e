#pragma once
#include "batch/surroundings.h"

namespace nightshift::batch {

/// The most that items may ask for where others wrote what they ask: of a script that may not run commands itself.
/// What it starts by way of an item (commands, checks, hooks, MCP servers) then starts as the command line has it.
class ItemBounds
{
public:
    /// As the settings are for the command line's own folder and for `folder`, the script's. Where nobody says which
    /// sandbox, items may ask for workspace-write. `readable` are more folders that items may only read in.
    static Result<ItemBounds> of(const Surroundings &surroundings, const QString &folder, const QStringList &readable);

    /// Denied, with what is too much and how it is allowed.
    Result<> admit(const Settings &asked) const;
    /// Whether results may be put into this folder.
    Result<> admitResults(const QString &folder) const;

private:
    Result<> admitPlace(const Settings &asked) const;
    bool isUnbounded() const;

    std::vector<Settings> m_granted;
    QStringList m_writable; ///< Canonical, as the next.
    QStringList m_readable;
};

/// What of `asked` is more than `most` has, "the sandbox workspace-write"; empty when nothing is.
QString excessOf(const Settings &asked, const Settings &most);

} // namespace nightshift::batch
