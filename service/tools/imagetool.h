#pragma once
#include "domain/settings.h"
#include "tools/tool.h"
#include <memory>

namespace nightshift::tools {

/// `view_image`: shows the model an image file. Those of one turn have a limit together.
class ImageTool : public Tool
{
public:
    /// `cwd` is what relative paths start from.
    ImageTool(QString cwd, ModelInfo model)
        : m_cwd(std::move(cwd))
        , m_model(std::move(model))
    {}

    QString name() const override { return QStringLiteral("view_image"); }
    RawJson definition() const override;
    ToolJob *start(const ToolCall &call, QObject *parent) override;
    /// The turn is over: the next one may show as much again.
    void settle() { *m_spent = 0; }

private:
    QString m_cwd;
    ModelInfo m_model;
    std::shared_ptr<qint64> m_spent = std::make_shared<qint64>(0); ///< Bytes of the turn's images, with its jobs.
};

} // namespace nightshift::tools
