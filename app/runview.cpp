#include "runview.h"
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
            m_out.writeLine(answerFor(STDOUT_FILENO, *answer));
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
            m_out.writeLine(jsonFor(STDOUT_FILENO, line->text));
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
    ProtocolView(std::vector<RawJson> earlier, StdoutWriter &out)
        : m_encoder(std::move(earlier))
        , m_out(out)
    {}

    void show(const Event &event) override { write(m_encoder.encode(event)); }
    void close(const std::optional<QString> &) override { write(m_encoder.finish()); }

private:
    void write(const std::vector<RawJson> &lines)
    {
        for (const RawJson &line : lines)
            m_out.writeLine(jsonFor(STDOUT_FILENO, line.text));
    }

    wire::ProtocolEncoder m_encoder;
    StdoutWriter &m_out;
};

} // namespace

std::unique_ptr<RunView> makeRunView(OutputForm form, HumanPrinter::Look look, std::vector<RawJson> earlier,
                                     StdoutWriter &out)
{
    using Deltas = wire::ThreadEncoder::Deltas;
    switch (form) {
    case OutputForm::Human:
        return std::make_unique<HumanView>(HumanPrinter(look), out);
    case OutputForm::Json:
        return std::make_unique<ThreadView>(Deltas::No, out);
    case OutputForm::Deltas:
        return std::make_unique<ThreadView>(Deltas::Yes, out);
    case OutputForm::Protocol:
        return std::make_unique<ProtocolView>(std::move(earlier), out);
    }
    Q_UNREACHABLE_RETURN({});
}

std::unique_ptr<RunView> makeLiveView(OutputForm form, HumanPrinter::Look look, std::vector<RawJson> earlier,
                                      StdoutWriter &out)
{
    auto view = makeRunView(form, look, std::move(earlier), out);
    // Lines of JSON on the same terminal would run into a status line.
    const bool alone = form == OutputForm::Human || !::isatty(STDOUT_FILENO);
    if (isLiveTerminal(STDERR_FILENO) && alone)
        return withStatusLine(std::move(view), look.color);
    return view;
}

HumanPrinter::Look humanLook(ColorMode color, const Settings &settings)
{
    return {.color = wantsColor(color, colorHints(STDERR_FILENO)),
            .hideReasoning = settings.hideAgentReasoning,
            .rawReasoning = settings.showRawAgentReasoning};
}

} // namespace nightshift::app
