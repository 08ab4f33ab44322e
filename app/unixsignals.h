#pragma once
#include <QObject>

namespace nightshift::app {

/// SIGINT, SIGTERM and SIGHUP as a Qt signal. The first one is announced and no more: whoever listens ends
/// the run. From then on any of them has its default effect, so that a second one ends the process at once.
/// Signals that the caller chose to ignore (nohup, a shell's background jobs) stay ignored.
/// Where a hangup is news it is announced each time and ends nothing: the custom of services is to read their files
/// again. One object at a time; its end restores what was before.
class UnixSignals : public QObject
{
    Q_OBJECT

public:
    enum class Hangup { Ends, IsNews };
    explicit UnixSignals(QObject *parent = nullptr, Hangup hangup = Hangup::Ends);
    ~UnixSignals() override;

signals:
    void received(int signal);

private:
    void onReadable();

    int m_readEnd = -1;
};

} // namespace nightshift::app
