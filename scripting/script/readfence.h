#pragma once
#include <QStringList>

class QProcess;

namespace nightshift::script {

/// Keeps a program from files: it reads what lies below some folders, after all links, and what programs need to
/// start. It writes below one folder, and has no network. Landlock does it, or bubblewrap where that is missing;
/// NIGHTSHIFT_SANDBOX_MECHANISM can insist on one of the two.
class ReadFence
{
public:
    explicit ReadFence(QString program);
    ~ReadFence();

    /// Before start(). False where this machine can do neither: then there is none. Folders are canonical.
    bool raise(const QStringList &readable, const QString &writable);
    /// Starts the program, without the limit of our own memory.
    void start(QProcess &process, const QStringList &arguments) const;

private:
    bool makeRules(const QStringList &readable, const QString &writable);
    void makeWrapper(const QStringList &readable, const QString &writable);

    const QString m_program;
    int m_rules = -1;      ///< Landlock's.
    QStringList m_wrapper; ///< bubblewrap and its options.
};

} // namespace nightshift::script
