#include "mcp/reply.h"
#include "tools/commandreply.h"
#include "tools/imagecontent.h"

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

using json::object;

namespace {

constexpr const char *noSound = "<audio content omitted because you do not support audio input>";
constexpr qsizetype mostImageBytes = 20'000'000; // as of images on disk: providers refuse more

QByteArray header(std::chrono::microseconds wallTime)
{
    return "Wall time: " + QByteArray::number(double(wallTime.count()) / 1e6, 'f', 4) + " seconds\nOutput:";
}

RawJson textPart(const QByteArray &text)
{
    return object({{"type", "input_text"}, {"text", text}});
}

/// Cuts texts until what all of them may have is used up.
class Budget
{
public:
    explicit Budget(qint64 tokens)
        : m_left(tokens)
    {}
    QByteArray take(const QByteArray &text)
    {
        const qint64 tokens = (text.size() + 3) / 4;
        const QByteArray kept = tokens > m_left ? tools::withoutMiddle(text, m_left) : text;
        m_left = qMax(qint64(0), m_left - tokens);
        return kept;
    }

private:
    qint64 m_left;
};

RawJson imagePart(JsonView part, const ModelInfo &model)
{
    if (!model.images)
        return textPart("image content omitted because this model takes no images");
    const QByteArrayView data = part["data"].utf8();
    // What is no image would make the provider refuse this and every later request.
    const QByteArray mime =
        tools::imageMimeType(QByteArray::fromBase64(data.first(qMin(data.size(), 64)).toByteArray()));
    if (mime.isEmpty() || data.size() > mostImageBytes)
        return textPart("image content omitted because it could not be processed");
    return object(
        {{"type", "input_image"}, {"image_url", "data:" + mime + ";base64," + data.toByteArray()}, {"detail", "high"}});
}

} // namespace

RawJson replyOf(const RawJson &result, std::chrono::microseconds wallTime, const ModelInfo &model, qint64 tokens)
{
    const auto document = JsonDocument::parse(result.text);
    const JsonView root = document ? document->root() : JsonView();
    const JsonView structured = root["structuredContent"];
    Budget budget(tokens);
    if (structured.exists() && !structured.isNull())
        return json::string(QByteArrayView(header(wallTime) + '\n' + budget.take(structured.raw().text)));
    std::vector<RawJson> parts{textPart(header(wallTime))};
    for (const JsonView part : root["content"].items()) {
        const QByteArrayView type = part["type"].utf8();
        if (type == "text")
            parts.push_back(textPart(budget.take(part["text"].utf8().toByteArray())));
        else if (type == "image")
            parts.push_back(imagePart(part, model));
        else if (type == "audio")
            parts.push_back(textPart(noSound));
        else
            parts.push_back(textPart(budget.take(part.raw().text)));
    }
    return json::array(parts);
}

RawJson wordsReply(const QString &words, std::chrono::microseconds wallTime, qint64 tokens)
{
    return json::array({textPart(header(wallTime)), textPart(Budget(tokens).take(words.toUtf8()))});
}

RawJson shownResult(const RawJson &result)
{
    if (!result.text.contains("\"audio\""))
        return result;
    const auto document = JsonDocument::parse(result.text);
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, value] : document->root().members()) {
        std::vector<RawJson> parts;
        if (name != "content"_L1) {
            members.emplace_back(name, value.raw());
            continue;
        }
        for (const JsonView part : value.items())
            parts.push_back(part["type"].utf8() == "audio" ? object({{"type", "text"}, {"text", noSound}})
                                                           : part.raw());
        members.emplace_back(name, json::array(parts));
    }
    return object(members);
}

} // namespace nightshift::mcp
