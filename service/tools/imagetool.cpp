#include "tools/imagetool.h"
#include "tools/answerjob.h"
#include "tools/callarguments.h"
#include "tools/imagecontent.h"
#include "tools/toolschema.h"
#include <QDir>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

RawJson ImageTool::definition() const
{
    static const RawJson written =
        schema::function("view_image", "Shows an image file of this machine: PNG, JPEG, WebP or GIF.",
                         schema::object({{"path", schema::string("Path of the image file.")}}, {u"path"_s}));
    return written;
}

ToolJob *ImageTool::start(const ToolCall &call, QObject *parent)
{
    CallArguments arguments(call.arguments);
    const QString path = arguments.string("path", CallArguments::Need::Required).value_or(QString());
    if (arguments.problem())
        return answerText(call, *arguments.problem(), parent);
    const Result<RawJson> image = imagePart(QDir::cleanPath(QDir(m_cwd).absoluteFilePath(path)), m_model);
    if (!image)
        return answerText(call, image.error().message, parent);
    return new AnswerJob({call.id, json::array({*image})}, parent);
}

} // namespace nightshift::tools
