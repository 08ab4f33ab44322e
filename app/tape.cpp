#include "tape.h"
#include "app/capture.h"
#include "llm/cassetteclients.h"
#include "llm/faults.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// What differs from machine to machine, the longest first.
llm::FolderNames foldersOf(const Settings &settings)
{
    llm::FolderNames folders{
        {settings.cwd, u"WORK"_s}, {settings.home.state, u"STATE"_s}, {settings.home.user, u"HOME"_s}};
    std::ranges::stable_sort(folders, std::ranges::greater(), [](const auto &each) { return each.first.size(); });
    return folders;
}

} // namespace

static Result<std::unique_ptr<llm::HttpClient>> replaying(const Tape &tape, const Settings &settings,
                                                          const MakeClient &live)
{
    llm::ReplayingClient::MakeClient otherwise;
    if (tape.miss == Tape::Miss::Live)
        otherwise = [live, settings] { return live(settings); };
    else if (tape.miss == Tape::Miss::Append)
        otherwise = [live, settings, folder = tape.replay] {
            return live(settings).and_then([&](std::unique_ptr<llm::HttpClient> client) {
                return llm::RecordingClient::create(std::move(client), folder, foldersOf(settings),
                                                    secretsOf(settings));
            });
        };
    using Play = llm::ReplayingClient::Play;
    return llm::ReplayingClient::create(tape.replay, foldersOf(settings),
                                        tape.faults.isEmpty() ? Play::Once : Play::Again, std::move(otherwise));
}

Result<std::unique_ptr<llm::HttpClient>> onTape(const Tape &tape, const Settings &settings, const MakeClient &live)
{
    auto client = tape.replay.isEmpty() ? live(settings) : replaying(tape, settings, live);
    if (client && !tape.record.isEmpty())
        client =
            llm::RecordingClient::create(std::move(*client), tape.record, foldersOf(settings), secretsOf(settings));
    if (!client || tape.faults.isEmpty())
        return client;
    return llm::withFaults(std::move(*client), tape.faults, settings.provider.wireApi);
}

std::optional<engine::ToolTape::Place> toolTape(const Tape &tape, const Settings &settings)
{
    using Use = engine::ToolTape::Place::Use;
    if (tape.record.isEmpty() && !tape.tools)
        return {};
    return engine::ToolTape::Place{.folder = tape.tools ? tape.replay : tape.record,
                                   .use = !tape.tools                      ? Use::Record
                                          : tape.miss == Tape::Miss::Error ? Use::Replay
                                                                           : Use::ReplayOrRun,
                                   .folders = foldersOf(settings),
                                   .secrets = secretsOf(settings)};
}

void forgetKey(const Tape &tape, ProviderSettings &provider)
{
    if (tape.replay.isEmpty() || tape.miss != Tape::Miss::Error)
        return;
    provider.missingKey.clear();
    provider.keyProblem.clear();
    provider.tokenCommand.reset();
}

} // namespace nightshift::app
