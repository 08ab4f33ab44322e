#pragma once
#include "base/jsonreader.h"
#include <functional>

namespace nightshift::batch {

/// Puts values into a text: {{a.b}} a variable's member, {{json:a}} the same as JSON, {{file:PATH}} a file's
/// content, its path from `folder`; where that is null, none is read. A backslash in front of {{ keeps it. Numbers
/// stand as they are written, objects and lists as JSON, null as nothing.
///
/// What is not known is an error: "prompt.md:3: {{who}} is not known; there are: file, id". `name` is the template's,
/// for that message.
Result<QString> fillTemplate(const QString &text, JsonView variables, const QString &name, const QString &folder);
/// The same where not every file may be read: `input` gives a file's content, or says why not; null reads none.
using ReadInput = std::function<Result<QByteArray>(const QString &path)>;
Result<QString> fillTemplate(const QString &text, JsonView variables, const QString &name, const ReadInput &input);
/// The words of a command or a list of files, each filled; {{cwd}} is left for later.
Result<QStringList> fillTemplates(const QStringList &words, JsonView variables, const QString &name,
                                  const ReadInput &input);
/// Reads whatever there is, from `folder`; null where that is null.
ReadInput readsFrom(const QString &folder);
/// What an item is called that was given no key: its `key`, its `id`, or nothing.
QString usualKey(JsonView variables);

} // namespace nightshift::batch
