#pragma once
#include "base/jsonreader.h"
#include "support/program.h"
#include <QTcpSocket>

namespace nightshift::test {

/// What the service answered.
struct Reply
{
    int status = 0; ///< 0 when there was no answer.
    QByteArray head;
    QByteArray body;

    QByteArray field(const QByteArray &name) const;
    /// Its members; "null" when it is no JSON.
    JsonDocument json() const;
    QByteArray text(const char *member) const { return json().root()[member].utf8().toByteArray(); }
    qint64 number(const char *member) const { return json().root()[member].toInteger(); }
};

/// `nightshift serve` of a program, and its client. Of every answer it is checked that openapi.json foretells it.
class ServiceClient
{
public:
    /// On the Unix socket, unless `words` say where else.
    explicit ServiceClient(Program &program, const QStringList &words = {});

    Reply ask(const QByteArray &method, const QByteArray &target, const QByteArray &body = {},
              const QByteArrayList &fields = {});
    Reply get(const QByteArray &target, const QByteArrayList &fields = {}) { return ask("GET", target, {}, fields); }
    Reply post(const QByteArray &target, const QByteArray &json, const QByteArrayList &fields = {})
    {
        return ask("POST", target, json, fields);
    }

    Run &run() { return *m_run; }
    QString path(const char *name) const { return m_folder + QLatin1StringView(name); } ///< In its runtime folder.
    quint16 port() const { return m_port; }                                             ///< 0 on the Unix socket.

    QByteArray token; ///< Sent over TCP; the one that the service made, unless a test says otherwise.

private:
    QByteArray exchange(const QByteArray &request);

    QString m_folder;
    std::unique_ptr<Run> m_run;
    quint16 m_port = 0;
};

} // namespace nightshift::test
