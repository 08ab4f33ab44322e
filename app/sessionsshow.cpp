#include "app/exitcodes.h"
#include "app/finalanswer.h"
#include "app/markdownprinter.h"
#include "app/runview.h"
#include "app/sessionchoice.h"
#include "app/sessionstask.h"
#include "base/showntext.h"
#include "engine/replay.h"
#include "wire/protocolencoder.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// Prints one run after the other, each by a view of its own, as each was a process of its own.
class Showing
{
public:
    Showing(OutputForm form, HumanPrinter::Look look, StdoutWriter &out)
        : m_form(form)
        , m_look(look)
        , m_out(out)
    {}

    void show(const Event &event)
    {
        if (std::holds_alternative<SessionStarted>(event)) {
            close();
            m_view = makeRunView(m_form, m_look, m_earlier, m_out);
        }
        if (!m_view)
            return;
        m_answer.onEvent(event);
        m_view->show(event);
        if (auto message = wire::ProtocolEncoder::earlierMessage(event); message && m_form == OutputForm::Protocol)
            m_earlier.push_back(std::move(*message));
    }

    void close()
    {
        if (m_view)
            m_view->close(m_answer.text());
        m_view.reset();
        m_answer = {};
    }

private:
    OutputForm m_form;
    HumanPrinter::Look m_look;
    StdoutWriter &m_out;
    std::unique_ptr<RunView> m_view;
    std::vector<RawJson> m_earlier;
    FinalAnswer m_answer;
};

Result<QString> formatOf(const SessionsTask &task)
{
    QString format = u"human"_s;
    if (task.has("format"))
        format = task.value("format");
    else if (task.has("json"))
        format = task.value("json").isEmpty() ? u"json"_s : task.value("json");
    if (!QStringList{u"human"_s, u"json"_s, u"protocol"_s, u"markdown"_s}.contains(format))
        return fail(Error::Kind::Usage,
                    u"the formats are human, json, protocol and markdown; '%1' is none"_s.arg(format));
    return format;
}

OutputForm formOf(const QString &format)
{
    return format == "json"_L1 ? OutputForm::Json : format == "protocol"_L1 ? OutputForm::Protocol : OutputForm::Human;
}

} // namespace

Result<int> showSession(const SessionsTask &task)
{
    const Result<QString> format = formatOf(task);
    if (!format)
        return std::unexpected(format.error());
    const Result<store::SessionFile> file = task.session(task.words[0]);
    if (!file)
        return std::unexpected(file.error());
    auto replay = engine::Replay::open(task.state(), file->path, decompressor());
    if (!replay)
        return std::unexpected(replay.error());
    StdoutWriter out([](int) {});
    Showing showing(formOf(*format), humanLook(ColorMode::Auto, task.settings), out);
    MarkdownPrinter markdown;
    while (const std::optional<Event> event = replay->next()) {
        if (*format == "markdown"_L1)
            out.write(printable(QString::fromUtf8(markdown.onEvent(*event))).toUtf8());
        else
            showing.show(*event);
        if (out.hasFailed())
            return int(ExitCode::OutputGone);
    }
    showing.close();
    return int(out.hasFailed() ? ExitCode::OutputGone : ExitCode::Success);
}

} // namespace nightshift::app
