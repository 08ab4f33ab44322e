#pragma once
#include <QByteArray>
#include <QString>

namespace nightshift {

constexpr const char *redactedMark = "[redacted]";

/// Whether a variable of this name usually holds a key or a password: names with KEY, SECRET, TOKEN, PASSWORD, PASSWD,
/// PASSPHRASE or CREDENTIAL in them, with AUTH (but not AUTHOR, AUTHORITY, and not SSH_AUTH_SOCK, which is a path), and
/// those with a part PASS, PWD or PAT, such as MYSQL_PWD.
bool isCredentialName(QStringView name);

/// `[redacted]` for passwords and keys in the URLs of a text: scheme://user:PASSWORD@host, https://TOKEN@host,
/// ?api_key=KEY. All else stays as it is, and text in JSON stays JSON. `count` grows by what was masked.
QByteArray withoutUrlSecrets(const QByteArray &text, qint64 *count = nullptr);
QString withoutUrlSecrets(const QString &text);

/// Whether a value has a secret of that kind in it, or is a connection string with one: "Server=h;Password=p".
bool holdsCredential(const QString &value);

/// A proxy's address, with or without scheme, without its user and password.
QString withoutUser(const QString &proxy);

} // namespace nightshift
