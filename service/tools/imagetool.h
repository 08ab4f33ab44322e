#pragma once
#include "domain/settings.h"
#include "tools/tool.h"

namespace nightshift::tools {

/// `view_image`: shows the model an image file.
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

private:
    QString m_cwd;
    ModelInfo m_model;
};

} // namespace nightshift::tools
