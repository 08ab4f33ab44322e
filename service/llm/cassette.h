#pragma once
#include "base/jsonreader.h"
#include "llm/httpclient.h"
#include <QByteArrayList>

namespace nightshift::llm {

/// One request to a model and what came back, without what differs from run to run.
struct RecordedExchange
{
    QByteArray request; ///< normalisedRequest() of its body.
    int status = 200;
    QByteArray body;
    bool isWhole = true; ///< It came to its end.
    bool operator==(const RecordedExchange &) const = default;
};

/// What stands for folders of this machine in a request: {"/home/ann/project", "WORK"}, the longest first.
using FolderNames = std::vector<std::pair<QString, QString>>;

/// A request's body as a recording holds it: members sorted by name, ids and encrypted thoughts left out, folders
/// named, UUIDs, dates and the times and numbers of commands' outputs replaced. Text that is no JSON stays.
QByteArray normalisedRequest(const QByteArray &body, const FolderNames &folders);

/// The JSON pointer of the first member, in written order, in which two normalised requests differ; empty when none.
QString firstDifference(QByteArrayView one, QByteArrayView other);

/// The file of a cassette's folder.
QString cassettePath(const QString &folder);

/// The text with *** for each of the secrets that is long enough not to stand in ordinary text.
QByteArray withoutSecrets(QByteArray text, const QByteArrayList &secrets);

/// One line of a cassette, with its end; `secrets` are replaced by ***.
QByteArray cassetteLine(const RecordedExchange &exchange, const QByteArrayList &secrets);
/// What a cassette begins with: its format and the rules of its requests.
QByteArray cassetteHead();
/// Lines that are torn are passed over; Invalid for a cassette of a newer format.
Result<std::vector<RecordedExchange>> readCassette(QByteArrayView text);

} // namespace nightshift::llm
