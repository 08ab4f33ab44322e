#pragma once
#include "base/result.h"
#include "domain/settings.h"
#include "store/sessionfinder.h"
#include <map>

namespace nightshift::app {

/// What one command of `nightshift sessions` is asked to do; its words and options are checked.
struct SessionsTask
{
    Settings settings;
    QStringList words;
    std::map<QString, QString> options; ///< By name, without dashes; a flag's value is empty.

    bool has(const char *option) const { return options.contains(QLatin1StringView(option)); }
    QString value(const char *option) const
    {
        const auto found = options.find(QLatin1StringView(option));
        return found == options.end() ? QString() : found->second;
    }

    const QString &state() const { return settings.home.state; }
    store::SessionFinder finder() const;
    /// The session that a word names, archived or not; names of all folders count.
    Result<store::SessionFile> session(const QString &word) const;
};

/// The exit code, or the sentence for stderr (exit 1, of Kind::Usage 2).
using SessionsFunction = Result<int>(const SessionsTask &);

SessionsFunction listSessions, searchSessions, showSession;
SessionsFunction renameSession, archiveSessions, unarchiveSessions, deleteSessions, pruneSessions, compressSessions,
    reindexSessions, applySession;
SessionsFunction exportSession, importSession, verifySessions;

} // namespace nightshift::app
