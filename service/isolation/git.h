#pragma once
#include "isolation/repository.h"

namespace nightshift::isolation {

/// The only door to Git. Whatever Git finds in a tree or a repository (settings, attributes, filters, hooks, nested
/// repositories) a command may have prepared, now or in an earlier session. So each Git of ours runs in a sandbox:
/// without network, and able to write nothing but a scratch folder of its own, which holds its index and what objects
/// it makes. What it finds out is for us to put elsewhere.
class Git
{
public:
    /// What happens where the machine has no sandbox: an error, or Git without one. The latter is for sessions that ask
    /// for danger-full-access, whose commands have none either.
    enum class NoSandbox { Refuse, RunBare };

    /// One that can write nothing at all.
    static Result<Git> reading(const Repository &repository, NoSandbox noSandbox);
    /// One with a scratch folder in `parent`, which goes with this object.
    static Result<Git> writing(const Repository &repository, const QString &parent, NoSandbox noSandbox);
    /// The same beside a tree without a repository: of nobody's settings, converting no contents.
    static Result<Git> plain(const QString &tree, const QString &parent, NoSandbox noSandbox);
    ~Git();
    Git(Git &&other) noexcept;
    Git &operator=(Git &&) = delete;

    const QString &scratch() const { return m_scratch; }
    QString index() const { return m_scratch + QStringLiteral("/index"); }
    /// The working tree from now on: a folder made in the scratch folder, for what Git is to check out.
    Result<> useOwnTree();
    const QString &tree() const { return m_repository.tree; }

    /// What `git words…` prints, at the top of the tree; what it says when it fails is the error.
    Result<QByteArray> run(const QStringList &words, const QByteArray &input = {}) const;
    /// Several, one after the other, in one sandbox, up to the first that fails; what all of them print.
    Result<QByteArray> runAll(const QList<QStringList> &commands) const;

private:
    Git() = default;
    static Result<Git> open(const Repository &repository, const QString &parent, NoSandbox noSandbox);
    QStringList environment() const;
    QStringList argv(const QStringList &words) const;
    Result<QByteArray> start(const QStringList &argv, const QString &name, const QByteArray &input) const;

    Repository m_repository;
    QString m_scratch;    ///< Empty when it can write nothing.
    QString m_largeFiles; ///< Where git-lfs puts its objects, for as long as `parent` stays; empty where it has none.
    int m_lock = -1;      ///< Held on the scratch folder, so that the next can tell those whose owner was killed.
    bool m_isPlain = false;
    NoSandbox m_noSandbox = NoSandbox::Refuse;
};

} // namespace nightshift::isolation
