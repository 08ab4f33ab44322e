#pragma once
#include "base/jsonreader.h"
#include "store/linewalk.h"
#include <QFile>

namespace nightshift::api {

/// What stands in a file, a line each; nothing where there is none. Lines that are no JSON are left out.
inline std::vector<JsonDocument> jsonLines(const QString &path)
{
    std::vector<JsonDocument> documents;
    QFile file(path);
    const QByteArray text = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    store::ForwardLines lines(text);
    while (const auto line = lines.next()) {
        if (auto document = JsonDocument::parse(*line))
            documents.push_back(std::move(*document));
    }
    return documents;
}

} // namespace nightshift::api
