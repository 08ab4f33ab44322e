#pragma once
#include "domain/settings.h"
#include "tools/tool.h"
#include <memory>

namespace nightshift::tools {

/// Reads an image on a thread of its own: a file system that does not answer keeps only this call waiting, and that for
/// no longer than `patience`.
class ImageJob : public ToolJob
{
    Q_OBJECT

public:
    /// `spent` counts the bytes of a turn's images; see ImageTool.
    ImageJob(CallId call, const QString &path, const ModelInfo &model, std::shared_ptr<qint64> spent, QObject *parent);
    ~ImageJob() override;
    void cancel() override;

    /// What has no answer by then has none.
    static constexpr std::chrono::seconds patience{30};

private:
    struct Shared;
    void finish(const RawJson &answer);
    void take(const Result<RawJson> &image);

    const CallId m_call;
    const QString m_path;
    std::shared_ptr<qint64> m_spent;
    std::shared_ptr<Shared> m_shared; ///< With the thread, which may live longer.
    bool m_isOver = false;
};

} // namespace nightshift::tools
