#pragma once
#include "support/servedbatches.h"
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

namespace nightshift::test {

/// A service over TCP, asked with the token that it made, which may do everything.
class Served : public Service
{
public:
    explicit Served(const QStringList &more = {})
        : Service(QStringList{QStringLiteral("--listen"), QStringLiteral("127.0.0.1:0")} + more)
    {
        program.server.otherwise = saying("Done.");
        start();
        admin = token;
    }

    /// The same with another token.
    Reply as(const QByteArray &other, const QByteArray &method, const QByteArray &path, const QByteArray &body = {},
             const QByteArray &fields = {})
    {
        token = other;
        const Reply reply = send(method, path, body, fields);
        token = admin;
        return reply;
    }
    /// tokens.json, its last token changed.
    void changeLastToken(const std::function<void(QJsonObject &token)> &change)
    {
        QJsonObject all = QJsonDocument::fromJson(program.read(QStringLiteral("../state/tokens.json"))).object();
        QJsonArray tokens = all[QLatin1StringView("tokens")].toArray();
        QJsonObject last = tokens.last().toObject();
        change(last);
        tokens.replace(tokens.size() - 1, last);
        all[QLatin1StringView("tokens")] = tokens;
        QSaveFile file(program.state() + QStringLiteral("/tokens.json")); // a half one would hold no token
        file.open(QIODevice::WriteOnly);
        file.write(QJsonDocument(all).toJson());
        file.commit();
    }
    QString lastTokenId() const
    {
        return QJsonDocument::fromJson(program.read(QStringLiteral("../state/tokens.json")))
            .object()[QLatin1StringView("tokens")]
            .toArray()
            .last()
            .toObject()[QLatin1StringView("id")]
            .toString();
    }
    void revokeLastToken()
    {
        program.run({QStringLiteral("serve"), QStringLiteral("token"), QStringLiteral("revoke"), lastTokenId()});
    }

    QByteArray admin;
};

/// The path of a session, and of what is beneath it.
inline QByteArray sessionPath(const QByteArray &id, const QByteArray &rest = {})
{
    return "/v1/sessions/" + id + rest;
}

} // namespace nightshift::test
