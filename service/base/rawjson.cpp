#include "rawjson.h"
#include <QStringList>
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <yyjson.h>

namespace nightshift::json {

namespace {

/// `utf8` as a JSON string, for take(); null when it is not valid UTF-8.
char *write(QByteArrayView utf8, size_t &length)
{
    yyjson_mut_val value{};
    yyjson_mut_set_strn(&value, utf8.data() ? utf8.data() : "", size_t(utf8.size()));
    return yyjson_mut_val_write(&value, YYJSON_WRITE_NOFLAG, &length);
}

/// Most strings are of this kind, and stand in JSON as they are.
bool isPlain(QByteArrayView utf8)
{
    return std::ranges::all_of(utf8, [](char c) { return c >= ' ' && c < '\x7F' && c != '"' && c != '\\'; });
}

RawJson quoted(QByteArrayView plain)
{
    QByteArray text(plain.size() + 2, Qt::Uninitialized);
    text.front() = text.back() = '"';
    std::ranges::copy(plain, text.begin() + 1);
    return {text};
}

RawJson take(char *written, size_t length)
{
    RawJson json{QByteArray(written, qsizetype(length))};
    std::free(written);
    return json;
}

void appendSeparated(QByteArray &out, const QByteArray &value)
{
    if (out.size() > 1)
        out += ',';
    out += value;
}

} // namespace

RawJson string(QByteArrayView utf8)
{
    if (isPlain(utf8))
        return quoted(utf8);
    size_t length = 0;
    char *text = write(utf8, length);
    if (!text)
        text = write(QString::fromUtf8(utf8).toUtf8(), length);
    return take(text, length);
}

RawJson string(QStringView value)
{
    const QByteArray utf8 = value.toUtf8(); // of a lone surrogate it makes '?', so the text is valid
    if (isPlain(utf8))
        return quoted(utf8);
    size_t length = 0;
    char *const text = write(utf8, length);
    return take(text, length);
}

RawJson number(double value)
{
    yyjson_mut_val written{};
    yyjson_mut_set_real(&written, value);
    size_t length = 0;
    char *const text = yyjson_mut_val_write(&written, YYJSON_WRITE_INF_AND_NAN_AS_NULL, &length);
    return take(text, length);
}

RawJson object(std::initializer_list<Member> members)
{
    qsizetype size = 2;
    for (const Member &member : members)
        size += member.value ? qsizetype(std::strlen(member.name)) + member.value->text.size() + 4 : 0;
    QByteArray text;
    text.reserve(size); // a member can have megabytes
    text += '{';
    for (const Member &member : members) {
        if (!member.value)
            continue;
        if (text.size() > 1)
            text += ',';
        text += '"';
        text += member.name;
        text += "\":";
        text += member.value->text;
    }
    text += '}';
    return {text};
}

RawJson object(const std::vector<std::pair<QString, RawJson>> &members)
{
    QByteArray text = "{";
    for (const auto &[name, value] : members)
        appendSeparated(text, string(QStringView(name)).text + ':' + value.text);
    return {text + '}'};
}

RawJson array(const std::vector<RawJson> &values)
{
    QByteArray text = "[";
    for (const RawJson &value : values)
        appendSeparated(text, value.text);
    return {text + ']'};
}

RawJson array(const QStringList &values)
{
    QByteArray text = "[";
    for (const QString &value : values)
        appendSeparated(text, string(QStringView(value)).text);
    return {text + ']'};
}

RawJson onOneLine(RawJson value)
{
    if (value.text.contains('\n') || value.text.contains('\r'))
        value.text.replace('\n', ' ').replace('\r', ' ');
    return value;
}

} // namespace nightshift::json
