#include "statusview.h"
#include "app/runstatus.h"
#include "app/terminaltext.h"
#include <QTimer>
#include <chrono>
#include <unistd.h>
#include <utility>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::app {

namespace {

class StatusView final : public RunView
{
public:
    StatusView(std::unique_ptr<RunView> view, bool color)
        : m_view(std::move(view))
        , m_color(color)
    {
        QObject::connect(&m_tick, &QTimer::timeout, &m_tick, [this] { draw(); });
        m_tick.start(1s); // the figures are seconds
    }

    ~StatusView() override { erase(); }

    void show(const Event &event) override
    {
        m_status.onEvent(event, now());
        if (isFleeting(event)) // too many to draw for, and they end no line
            return m_view->show(event);
        erase();
        m_view->show(event);
        draw();
    }

    void close(const std::optional<QString> &answer) override
    {
        m_tick.stop();
        erase();
        m_view->close(answer);
    }

private:
    static RunStatus::Time now()
    {
        return std::chrono::duration_cast<RunStatus::Time>(std::chrono::steady_clock::now().time_since_epoch());
    }

    void draw()
    {
        const QString text = m_status.text(now());
        if (text.isEmpty())
            return erase();
        // Without wrapping: what is too long for the terminal is cut by it, whatever its width.
        writeFully(STDERR_FILENO, "\r\x1b[K\x1b[?7l" + styled(text, Style::Dim, m_color).toUtf8() + "\x1b[?7h");
        m_isDrawn = true;
    }

    void erase()
    {
        if (std::exchange(m_isDrawn, false))
            writeFully(STDERR_FILENO, "\r\x1b[K");
    }

    std::unique_ptr<RunView> m_view;
    const bool m_color;
    RunStatus m_status;
    bool m_isDrawn = false;
    QTimer m_tick;
};

} // namespace

std::unique_ptr<RunView> withStatusLine(std::unique_ptr<RunView> view, bool color)
{
    return std::make_unique<StatusView>(std::move(view), color);
}

} // namespace nightshift::app
