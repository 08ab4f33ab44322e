#include "cassette.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

constexpr int cassetteFormat = 1;

/// Members that are new in every run and say nothing about what is asked.
bool isLeftOut(const QString &name)
{
    static constexpr QLatin1StringView names[]{"prompt_cache_key"_L1, "client_metadata"_L1, "encrypted_content"_L1,
                                               "metadata"_L1};
    return std::ranges::any_of(names, [&](auto each) { return each == name; });
}

bool isHex(QChar c)
{
    return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F');
}

/// How many characters at `at` have this shape: h a hexadecimal digit, 9 a digit, all else itself. 0 when they differ.
qsizetype shaped(QStringView text, qsizetype at, QLatin1StringView shape)
{
    if (text.size() - at < shape.size())
        return 0;
    for (qsizetype i = 0; i < shape.size(); ++i) {
        const QChar c = text[at + i];
        const bool fits = shape[i] == u'h' ? isHex(c) : shape[i] == u'9' ? c >= u'0' && c <= u'9' : c == shape[i];
        if (!fits)
            return 0;
    }
    return shape.size();
}

/// "Wall time: 0.1234" and the like: the number behind a word that stands right before `at`.
bool followsWord(QStringView text, qsizetype at)
{
    static constexpr QLatin1StringView words[]{"Wall time: "_L1, "Chunk ID: "_L1, "session ID "_L1};
    return std::ranges::any_of(words, [&](auto word) { return text.first(at).endsWith(word); });
}

QString normalisedText(QString text, const FolderNames &folders)
{
    for (const auto &[folder, name] : folders) {
        if (folder.size() > 1)
            text.replace(folder, name);
    }
    QString plain;
    for (qsizetype at = 0; at < text.size();) {
        if (const qsizetype size = shaped(text, at, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"_L1)) {
            plain += "ID"_L1;
            at += size;
        } else if (const qsizetype date = shaped(text, at, "9999-99-99"_L1)) {
            plain += "DATE"_L1;
            at += date;
        } else if (isHex(text[at]) && followsWord(text, at)) {
            while (at < text.size() && (isHex(text[at]) || text[at] == u'.'))
                ++at;
            plain += u'N';
        } else {
            plain += text[at++];
        }
    }
    return plain;
}

RawJson normalised(JsonView value, const FolderNames &folders)
{
    if (value.isString())
        return json::string(normalisedText(value.toString(), folders));
    if (value.isArray()) {
        std::vector<RawJson> items;
        for (const JsonView item : value.items())
            items.push_back(normalised(item, folders));
        return json::array(items);
    }
    if (!value.isObject())
        return value.raw();
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, member] : value.members()) {
        if (!isLeftOut(name))
            members.emplace_back(name, normalised(member, folders));
    }
    std::ranges::stable_sort(members, {}, &std::pair<QString, RawJson>::first);
    return json::object(members);
}

QString difference(JsonView one, JsonView other, const QString &pointer)
{
    if (one.raw() == other.raw())
        return {};
    if (one.isArray() && other.isArray()) {
        for (qsizetype i = 0; i < std::max(one.size(), other.size()); ++i) {
            const QString found = difference(one[i], other[i], pointer + u'/' + QString::number(i));
            if (!found.isEmpty())
                return found;
        }
    }
    if (one.isObject() && other.isObject()) {
        for (const JsonView each : {one, other}) {
            for (const auto &[name, member] : each.members()) {
                const QByteArray key = name.toUtf8();
                const QString found = difference(one[key.constData()], other[key.constData()], pointer + u'/' + name);
                if (!found.isEmpty())
                    return found;
            }
        }
    }
    return pointer.isEmpty() ? u"/"_s : pointer;
}

} // namespace

QByteArray normalisedRequest(const QByteArray &body, const FolderNames &folders)
{
    const auto document = JsonDocument::parse(body);
    return document ? normalised(document->root(), folders).text : body;
}

QString firstDifference(QByteArrayView one, QByteArrayView other)
{
    const auto first = JsonDocument::parse(one), second = JsonDocument::parse(other);
    if (!first || !second)
        return one == other ? QString() : u"/"_s;
    return difference(first->root(), second->root(), {});
}

QString cassettePath(const QString &folder)
{
    return folder + "/cassette.jsonl"_L1;
}

QByteArray withoutSecrets(QByteArray text, const QByteArrayList &secrets)
{
    constexpr qsizetype shortest = 8; // shorter ones stand in ordinary text, too
    for (const QByteArray &secret : secrets) {
        if (secret.size() >= shortest)
            text.replace(secret, "***");
    }
    return text;
}

QByteArray cassetteHead()
{
    return json::object({{"cassette", cassetteFormat},
                         {"rules", json::array(QStringList{u"sorted"_s, u"ids"_s, u"dates"_s, u"folders"_s,
                                                           u"outputs"_s, u"thoughts"_s})}})
               .text +
           '\n';
}

QByteArray cassetteLine(const RecordedExchange &exchange, const QByteArrayList &secrets)
{
    const RawJson line = json::object({{"status", exchange.status},
                                       {"whole", exchange.isWhole},
                                       {"request", exchange.request},
                                       {"body", exchange.body}});
    return withoutSecrets(line.text, secrets) + '\n';
}

Result<std::vector<RecordedExchange>> readCassette(QByteArrayView text)
{
    std::vector<RecordedExchange> exchanges;
    for (const QByteArray &line : text.toByteArray().split('\n')) {
        const auto document = JsonDocument::parse(line);
        if (!document)
            continue;
        const JsonView root = document->root();
        if (root["cassette"].toInteger() > cassetteFormat)
            return fail(Error::Kind::Invalid,
                        u"the cassette is of format %1, and we read %2"_s.arg(root["cassette"].toInteger())
                            .arg(cassetteFormat));
        if (root["request"].isString())
            exchanges.push_back({root["request"].utf8().toByteArray(), int(root["status"].toInteger()),
                                 root["body"].utf8().toByteArray(), root["whole"].toBool(true)});
    }
    return exchanges;
}

} // namespace nightshift::llm
