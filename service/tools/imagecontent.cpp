#include "tools/imagecontent.h"
#include "base/boundedfile.h"

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

RawJson textPart(const QString &text)
{
    return json::object({{"type", "input_text"}, {"text", text}});
}

Result<QByteArray> imageBytes(const QString &path)
{
    auto bytes = readBounded(path, fileuse::image);
    if (bytes)
        return bytes;
    const bool isThere = bytes.error().kind == Error::Kind::Invalid;
    return failAt((isThere ? u"image path `%1` cannot be shown"_s : u"unable to locate image at `%1`"_s).arg(path),
                  bytes.error());
}

} // namespace

QByteArray imageMimeType(QByteArrayView bytes)
{
    if (bytes.startsWith("\x89PNG\r\n\x1a\n"))
        return "image/png"_ba;
    if (bytes.startsWith("\xff\xd8\xff"))
        return "image/jpeg"_ba;
    if (bytes.startsWith("GIF87a") || bytes.startsWith("GIF89a"))
        return "image/gif"_ba;
    if (bytes.startsWith("RIFF") && bytes.size() > 12 && bytes.sliced(8, 4) == "WEBP")
        return "image/webp"_ba;
    return {};
}

Result<RawJson> imagePart(const QString &path, const ModelInfo &model)
{
    const Result<QByteArray> bytes = imageBytes(path);
    if (!bytes)
        return std::unexpected(bytes.error());
    const QByteArray mime = imageMimeType(*bytes);
    if (mime.isEmpty())
        return fail(Error::Kind::Invalid, u"unable to process image: invalid or unsupported image data"_s);
    return json::object({{"type", "input_image"},
                         {"image_url", "data:" + mime + ";base64," + bytes->toBase64()},
                         {"detail", model.originalImageDetail ? "original" : "high"}});
}

std::vector<RawJson> userImageParts(const QStringList &paths, const ModelInfo &model)
{
    std::vector<RawJson> parts;
    int number = 0;
    for (const QString &path : paths) {
        ++number;
        Result<RawJson> image = imagePart(path, model);
        if (!image && image.error().kind == Error::Kind::NotFound) {
            parts.push_back(textPart(image.error().message));
            continue;
        }
        if (!model.images)
            image = textPart(u"image content omitted because this model takes no images"_s);
        else if (!image)
            image = textPart(u"image content omitted: "_s + image.error().message);
        parts.push_back(textPart(u"<image name=[Image #%1] path=\"%2\">"_s.arg(number).arg(path)));
        parts.push_back(*image);
        parts.push_back(textPart(u"</image>"_s));
    }
    return parts;
}

} // namespace nightshift::tools
