#include "localmodelcheck.h"
#include "app/stdoutwriter.h"
#include "app/terminaltext.h"
#include <QElapsedTimer>
#include <QEventLoop>
#include <optional>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// The server's words, with the part's name short where it is not among them.
QString what(const llm::PullProgress &progress)
{
    return printable(progress.status).simplified().left(60);
}

QString gigabytes(qint64 bytes)
{
    return QString::number(double(bytes) / 1e9, 'f', bytes < 100'000'000 ? 3 : 1);
}

/// Shows a download on stderr.
class PullView
{
public:
    explicit PullView(const QString &model)
        : m_onTerminal(isLiveTerminal(STDERR_FILENO))
    {
        say(u"Pulling the model "_s + printable(model));
        m_age.start();
    }

    ~PullView()
    {
        if (m_onTerminal)
            say({});
    }

    void show(const llm::PullProgress &progress)
    {
        if (m_onTerminal) {
            writeFully(STDERR_FILENO, "\r\x1b[K" + pullBar(progress, rate(progress)).toUtf8());
        } else if (const QString line = pullLine(progress); line != m_lastLine) {
            m_lastLine = line;
            say(line);
        }
    }

private:
    static void say(const QString &line) { sayLine(line); }

    /// Since the part's first line: a server goes on with a download that was cut.
    double rate(const llm::PullProgress &progress)
    {
        if (progress.layer != m_layer) {
            m_layer = progress.layer;
            m_layerStart = progress.done;
            m_age.start();
        }
        const qint64 elapsed = m_age.elapsed();
        return elapsed < 500 ? 0 : double(progress.done - m_layerStart) * 1000 / double(elapsed);
    }

    const bool m_onTerminal;
    QString m_lastLine;
    QString m_layer;
    qint64 m_layerStart = 0;
    QElapsedTimer m_age;
};

} // namespace

QString pullBar(const llm::PullProgress &progress, double bytesPerSecond)
{
    constexpr int width = 20;
    if (progress.total <= 0)
        return what(progress);
    const double part = qBound(0.0, double(progress.done) / double(progress.total), 1.0);
    const int filled = int(part * width);
    QString bar = u"%1  %2%3  %4 %  %5 of %6 GB"_s.arg(what(progress), QString(filled, u'█'),
                                                       QString(width - filled, u'░'), QString::number(int(part * 100)),
                                                       gigabytes(progress.done), gigabytes(progress.total));
    if (bytesPerSecond > 0)
        bar += u"  %1 MB/s"_s.arg(bytesPerSecond / 1e6, 0, 'f', 1);
    return bar;
}

QString pullLine(const llm::PullProgress &progress)
{
    return progress.total > 0 ? u"%1 (%2 GB)"_s.arg(what(progress), gigabytes(progress.total)) : what(progress);
}

Result<> prepareLocalModel(llm::HttpClient &http, const Settings &settings)
{
    if (settings.provider.id != "ollama"_L1 && settings.provider.id != "lmstudio"_L1)
        return {};
    QEventLoop loop;
    Result<> outcome;
    std::optional<PullView> view;
    llm::LocalModel model(http, settings.provider, settings.model, nullptr);
    QObject::connect(&model, &llm::LocalModel::pulling, &loop, [&](const llm::PullProgress &progress) {
        if (!view)
            view.emplace(settings.model);
        view->show(progress);
    });
    QObject::connect(&model, &llm::LocalModel::finished, &loop, [&](const Result<> &result) {
        outcome = result;
        loop.quit();
    });
    loop.exec();
    return outcome;
}

} // namespace nightshift::app
