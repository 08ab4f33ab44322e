#pragma once
#include <QProcess>

namespace nightshift::test {

/// What Git says to these words in a folder, as somebody with a name.
inline QByteArray gitIn(const QString &folder, const QStringList &words)
{
    QProcess git;
    git.setProcessChannelMode(QProcess::MergedChannels);
    const QStringList somebody{QStringLiteral("-C"), folder,
                               QStringLiteral("-c"), QStringLiteral("user.name=n"),
                               QStringLiteral("-c"), QStringLiteral("user.email=e@x")};
    git.start(QStringLiteral("git"), somebody + words);
    git.waitForFinished();
    return git.readAll();
}

} // namespace nightshift::test
