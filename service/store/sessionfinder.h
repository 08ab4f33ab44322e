#pragma once
#include "store/sessionindex.h"
#include <QHash>

namespace nightshift::store {

/// Finds the log that a user means.
class SessionFinder
{
public:
    /// Whose sessions count for --last and for names.
    struct Scope
    {
        QString provider;
        QString cwd;
        bool all = false; ///< Sessions of other folders, too.
    };

    explicit SessionFinder(QString stateDir, Decompress decompress = {});

    /// By id in any case, by the beginning of an id (at least 8 characters, and only one session's), or by exact
    /// name. Errors say what was looked for, and where; an archived session is one.
    Result<QString> find(const QString &what, const Scope &scope) const;
    /// The same, archived or not.
    Result<SessionFile> locate(const QString &what, const Scope &scope) const;
    /// The session written last, of the scope's provider and, unless all, its folder.
    Result<QString> last(const Scope &scope) const;
    /// A session's name, the newest of session_index.jsonl; empty when it has none.
    QString nameOf(const QString &id) const;
    /// The names of all that have one, by id in lower case.
    QHash<QString, QString> names() const;

private:
    Result<SessionFile> byPrefix(const QString &prefix) const;
    Result<SessionFile> byName(const QString &name, const Scope &scope) const;

    QString m_stateDir;
    Decompress m_decompress;
    SessionIndex m_index;
};

} // namespace nightshift::store
