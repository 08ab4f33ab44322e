#pragma once
#include <QObject>

namespace nightshift::app {

/// SIGUSR1 as a Qt signal: somebody wants to know how far it is. One object at a time.
class ProgressSignal : public QObject
{
    Q_OBJECT

public:
    explicit ProgressSignal(QObject *parent = nullptr);
    ~ProgressSignal() override;

signals:
    void received();

private:
    int m_readEnd = -1;
};

} // namespace nightshift::app
