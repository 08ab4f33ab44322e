#pragma once
#include "base/jsonreader.h"

namespace nightshift::batch {

/// One row of an input: its variables as a JSON object, and where it stands.
struct InputRow
{
    RawJson variables;
    int line = 0; ///< From 1.
    bool operator==(const InputRow &) const = default;
};

enum class InputForm { Csv, JsonLines, Json, Lines };

/// By the name's ending: csv and tsv, jsonl and ndjson, json; else lines.
InputForm formOf(const QString &fileName);

/// The rows of an input. Of plain lines the only variable is `line`; blank ones are passed over. Errors name `name`
/// and the line.
Result<std::vector<InputRow>> readRows(QByteArrayView bytes, InputForm form, const QString &name, char delimiter = 0);

/// Whether keys differ; the error names both lines.
Result<> checkKeys(const std::vector<std::pair<QString, int>> &keysAndLines, const QString &name);

/// The product of lists: {"a": [1, 2], "b": ["x"]}, without those rows that hold all members of one of `exclude`,
/// and with those of `include`. Absent views exclude and include nothing.
Result<std::vector<RawJson>> matrix(JsonView axes, JsonView exclude = {}, JsonView include = {});

} // namespace nightshift::batch
