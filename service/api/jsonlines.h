#pragma once
#include "base/boundedfile.h"
#include "base/jsonreader.h"
#include "store/linewalk.h"

namespace nightshift::api {

/// What stands in a file, a line each; nothing where there is none. Lines that are no JSON are left out.
inline std::vector<JsonDocument> jsonLines(const QString &path)
{
    std::vector<JsonDocument> documents;
    const QByteArray text = readBounded(path, fileuse::journal).value_or(QByteArray());
    store::ForwardLines lines(text);
    while (const auto line = lines.next()) {
        if (auto document = JsonDocument::parse(*line))
            documents.push_back(std::move(*document));
    }
    return documents;
}

} // namespace nightshift::api
