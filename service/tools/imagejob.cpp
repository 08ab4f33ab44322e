#include "tools/imagejob.h"
#include "tools/imagecontent.h"
#include <QTimer>
#include <mutex>
#include <thread>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

/// Providers refuse requests with more; and each image stays in memory until the history is summed up.
constexpr qint64 mostBytesOfATurn = 100'000'000;

/// Who waits for the thread; nobody any more when the job has gone.
struct ImageJob::Shared
{
    std::mutex mutex;
    ImageJob *job;
};

ImageJob::ImageJob(CallId call, const QString &path, const ModelInfo &model, std::shared_ptr<qint64> spent,
                   QObject *parent)
    : ToolJob(parent)
    , m_call(std::move(call))
    , m_path(path)
    , m_spent(std::move(spent))
    , m_shared(std::make_shared<Shared>())
{
    m_shared->job = this;
    std::thread([shared = m_shared, path, model] {
        Result<RawJson> image = imagePart(path, model);
        const std::lock_guard lock(shared->mutex);
        if (shared->job)
            QMetaObject::invokeMethod(
                shared->job, [job = shared->job, image = std::move(image)] { job->take(image); }, Qt::QueuedConnection);
    }).detach();
    QTimer::singleShot(patience, this, [this] {
        finish(json::string(u"unable to read image at `%1`: its file system does not answer"_s.arg(m_path)));
    });
}

ImageJob::~ImageJob()
{
    const std::lock_guard lock(m_shared->mutex);
    m_shared->job = nullptr;
}

void ImageJob::cancel()
{
    QMetaObject::invokeMethod(this, [this] { finish(json::string(u"aborted by user"_s)); }, Qt::QueuedConnection);
}

void ImageJob::take(const Result<RawJson> &image)
{
    if (!image)
        return finish(json::string(image.error().message));
    if (*m_spent + image->text.size() > mostBytesOfATurn)
        return finish(json::string(
            u"image `%1` is not shown: the images of one turn may have %2 bytes together"_s.arg(m_path).arg(
                mostBytesOfATurn)));
    *m_spent += image->text.size();
    finish(json::array({*image}));
}

void ImageJob::finish(const RawJson &answer)
{
    if (!std::exchange(m_isOver, true))
        emit finished({m_call, answer});
}

} // namespace nightshift::tools
