#include "tools/imagetool.h"
#include "tools/answerjob.h"
#include "tools/callarguments.h"
#include "tools/imagejob.h"
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
    const QString place = QDir::cleanPath(QDir(m_cwd).absoluteFilePath(path));
    return new ImageJob(call.id, place, m_model, m_spent, parent);
}

} // namespace nightshift::tools
