#pragma once
#include "base/result.h"
#include "domain/settings.h"

namespace nightshift::tools {

/// The MIME type by the bytes themselves, of PNG, JPEG, WebP and GIF; empty for anything else.
QByteArray imageMimeType(QByteArrayView bytes);

/// The image as an input_image part, byte for byte: nothing is scaled or converted. Errors are sentences
/// for the model: NotFound where there is no such file, Invalid where it is no image the wire takes.
/// Source: https://platform.openai.com/docs/guides/images-vision
Result<RawJson> imagePart(const QString &path, const ModelInfo &model);

/// The parts of a user message that show the images a user handed in, in order. What cannot be shown is
/// said in words, so that the model knows about it.
std::vector<RawJson> userImageParts(const QStringList &paths, const ModelInfo &model);

} // namespace nightshift::tools
