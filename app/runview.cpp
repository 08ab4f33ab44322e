#include "runview.h"
#include "app/humanprinter.h"
#include "app/runsummary.h"
#include "app/statusview.h"
#include "wire/protocolencoder.h"
#include "wire/threadencoder.h"
#include <unistd.h>

namespace nightshift::app {

namespace {

/// Progress on stderr, the answer alone on stdout.
class HumanView final : public RunView
{
public:
    HumanView(HumanPrinter printer, StdoutWriter &out)
        : m_printer(std::move(printer))
        , m_out(out)
    {}

    void show(const Event &event) override { writeFully(STDERR_FILENO, m_printer.onEvent(event)); }

    void close(const std::optional<QString> &answer) override
    {
        // On one terminal the answer stands there already, as the last message.
        const bool shown = ::isatty(STDOUT_FILENO) && ::isatty(STDERR_FILENO);
        if (answer && !shown)
            m_out.writeLine(answer->toUtf8());
    }

private:
    HumanPrinter m_printer;
    StdoutWriter &m_out;
};

/// One line of JSON an event, on stdout.
class ThreadView final : public RunView
{
public:
    ThreadView(wire::ThreadEncoder::Deltas deltas, StdoutWriter &out)
        : m_encoder(deltas)
        , m_out(out)
    {}

    void show(const Event &event) override
    {
        if (const auto line = m_encoder.encode(event))
            m_out.writeLine(line->text);
    }

    void close(const std::optional<QString> &) override {}

private:
    wire::ThreadEncoder m_encoder;
    StdoutWriter &m_out;
};

/// The older protocol, with the two lines that introduce it.
class ProtocolView final : public RunView
{
public:
    ProtocolView(const Settings &settings, StdoutWriter &out)
        : m_settings(settings)
        , m_out(out)
    {}

    void show(const Event &event) override
    {
        if (const auto *said = std::get_if<UserSaid>(&event); said && !std::exchange(m_introduced, true))
            introduce(said->input.text);
        if (const auto line = m_encoder.encode(event); line && m_introduced)
            m_out.writeLine(line->text);
        else if (line)
            m_early.push_back(*line);
    }

    void close(const std::optional<QString> &) override { m_out.writeLine(m_encoder.shutdownLine().text); }

private:
    void introduce(const QString &prompt)
    {
        m_out.writeLine(wire::ProtocolEncoder::summaryLine({.workdir = m_settings.cwd,
                                                            .model = m_settings.model,
                                                            .provider = m_settings.provider.id,
                                                            .approval = QStringLiteral("never"),
                                                            .sandbox = sandboxSummary(m_settings.sandbox),
                                                            .reasoningEffort = m_settings.reasoningEffort,
                                                            .reasoningSummaries = m_settings.reasoningSummary})
                            .text);
        m_out.writeLine(wire::ProtocolEncoder::promptLine(prompt).text);
        for (const RawJson &line : std::exchange(m_early, {}))
            m_out.writeLine(line.text);
    }

    const Settings &m_settings;
    wire::ProtocolEncoder m_encoder;
    std::vector<RawJson> m_early; ///< Came before the prompt did, which the format wants first.
    bool m_introduced = false;
    StdoutWriter &m_out;
};

} // namespace

static std::unique_ptr<RunView> makePlainView(const ExecOptions &options, const Settings &settings, bool color,
                                              StdoutWriter &out)
{
    using Deltas = wire::ThreadEncoder::Deltas;
    switch (options.form) {
    case OutputForm::Human:
        return std::make_unique<HumanView>(
            HumanPrinter(runSummary(settings), {.color = color,
                                                .hideReasoning = settings.hideAgentReasoning,
                                                .rawReasoning = settings.showRawAgentReasoning}),
            out);
    case OutputForm::Json:
        return std::make_unique<ThreadView>(Deltas::No, out);
    case OutputForm::Deltas:
        return std::make_unique<ThreadView>(Deltas::Yes, out);
    case OutputForm::Protocol:
        return std::make_unique<ProtocolView>(settings, out);
    }
    Q_UNREACHABLE_RETURN({});
}

std::unique_ptr<RunView> makeRunView(const ExecOptions &options, const Settings &settings, StdoutWriter &out)
{
    const bool color = wantsColor(options.color, colorHints(STDERR_FILENO));
    auto view = makePlainView(options, settings, color, out);
    // Lines of JSON on the same terminal would run into a status line.
    const bool alone = options.form == OutputForm::Human || !::isatty(STDOUT_FILENO);
    if (isLiveTerminal(STDERR_FILENO) && alone)
        return withStatusLine(std::move(view), color);
    return view;
}

} // namespace nightshift::app
