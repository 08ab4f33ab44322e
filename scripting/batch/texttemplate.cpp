#include "texttemplate.h"
#include "base/boundedfile.h"
#include <QDir>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

JsonView find(JsonView variables, const QString &path)
{
    const JsonView whole = variables[path.toUtf8().constData()]; // a column may have a dot in its name
    if (whole.exists())
        return whole;
    JsonView value = variables;
    for (const QString &step : path.split(u'.')) {
        bool isNumber = false;
        const int index = step.toInt(&isNumber);
        value = value.isArray() && isNumber ? value[qsizetype(index)] : value[step.toUtf8().constData()];
    }
    return value;
}

QString plain(JsonView value)
{
    return value.isString() ? value.toString() : value.isNull() ? QString() : QString::fromUtf8(value.raw().text);
}

Result<QString> valueOf(const QString &what, JsonView variables, const ReadInput &input)
{
    if (what.startsWith("file:"_L1) && !input)
        return fail(Error::Kind::Denied,
                    u"{{%1}}: files cannot be put in here; their text can, as a variable"_s.arg(what));
    if (what.startsWith("file:"_L1)) {
        const auto content = input(what.sliced(5));
        return content ? Result<QString>(QString::fromUtf8(*content)) : std::unexpected(content.error());
    }
    const bool asJson = what.startsWith("json:"_L1);
    const JsonView value = find(variables, asJson ? what.sliced(5) : what);
    if (value.exists())
        return asJson ? QString::fromUtf8(value.raw().text) : plain(value);
    QStringList names;
    for (const auto &[name, each] : variables.members())
        names += name;
    names.sort();
    return fail(Error::Kind::Invalid,
                u"{{%1}} is not known; there are: %2"_s.arg(what, names.isEmpty() ? u"none"_s : names.join(", "_L1)));
}

} // namespace

Result<QString> fillTemplate(const QString &text, JsonView variables, const QString &name, const QString &folder)
{
    return fillTemplate(text, variables, name, readsFrom(folder));
}

ReadInput readsFrom(const QString &folder)
{
    if (folder.isNull())
        return {};
    return [folder](const QString &path) -> Result<QByteArray> {
        auto bytes = readBounded(QDir(folder).absoluteFilePath(path), fileuse::batchText);
        return bytes ? bytes : failAt(u"the file %1 cannot be read"_s.arg(path), bytes.error());
    };
}

Result<QString> fillTemplate(const QString &text, JsonView variables, const QString &name, const ReadInput &input)
{
    QString filled;
    qsizetype at = 0;
    const auto failHere = [&](qsizetype place, Error error) {
        return failAt(u"%1:%2"_s.arg(name).arg(QStringView(text).first(place).count(u'\n') + 1), std::move(error));
    };
    for (;;) {
        const qsizetype open = text.indexOf("{{"_L1, at);
        if (open < 0)
            return filled + text.sliced(at);
        if (open > at && text[open - 1] == u'\\') {
            filled += text.sliced(at, open - 1 - at) + "{{"_L1;
            at = open + 2;
            continue;
        }
        const qsizetype close = text.indexOf("}}"_L1, open);
        if (close < 0)
            return failHere(open, {Error::Kind::Invalid, u"{{ is opened and never closed; \\{{ stands for itself"_s});
        const auto value = valueOf(text.sliced(open + 2, close - open - 2).trimmed(), variables, input);
        if (!value)
            return failHere(open, value.error());
        filled += text.sliced(at, open - at) + *value;
        at = close + 2;
    }
}

Result<QStringList> fillTemplates(const QStringList &words, JsonView variables, const QString &name,
                                  const ReadInput &input)
{
    QStringList filled;
    for (QString word : words) {
        word.replace("{{cwd}}"_L1, "\\{{cwd}}"_L1);
        const auto text = fillTemplate(word, variables, name, input);
        if (!text)
            return std::unexpected(text.error());
        filled += *text;
    }
    return filled;
}

QString usualKey(JsonView variables)
{
    for (const char *usual : {"key", "id"}) {
        const JsonView value = variables[usual];
        if (value.isString() || value.isInteger())
            return plain(value);
    }
    return {};
}

} // namespace nightshift::batch
