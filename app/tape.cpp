#include "tape.h"
#include "app/capture.h"
#include "llm/cassetteclients.h"
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

Result<std::unique_ptr<llm::HttpClient>> onTape(const Tape &tape, const Settings &settings, const MakeClient &live)
{
    auto client = tape.replay.isEmpty() ? live() : llm::ReplayingClient::create(tape.replay, foldersOf(settings));
    if (client && !tape.record.isEmpty())
        client =
            llm::RecordingClient::create(std::move(*client), tape.record, foldersOf(settings), secretsOf(settings));
    if (!client || tape.faults.isEmpty())
        return client;
    auto faults = llm::parseFaults(tape.faults);
    if (!faults)
        return std::unexpected(faults.error());
    return llm::withFaults(std::move(*client), std::move(*faults));
}

void forgetKey(const Tape &tape, ProviderSettings &provider)
{
    if (tape.replay.isEmpty())
        return;
    provider.missingKey.clear();
    provider.keyProblem.clear();
    provider.tokenCommand.reset();
}

} // namespace nightshift::app
