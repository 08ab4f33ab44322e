#pragma once
#include "llm/cassette.h"

namespace nightshift::llm {

/// Another client whose exchanges are also written to DIR/cassette.jsonl, one line each once it has ended. No header
/// is recorded, and no key.
class RecordingClient final : public HttpClient
{
public:
    /// Makes the folder. `client` outlives this.
    static Result<std::unique_ptr<HttpClient>> create(std::unique_ptr<HttpClient> client, const QString &folder,
                                                      FolderNames folders, QByteArrayList secrets);
    std::unique_ptr<HttpExchange> send(HttpRequest request, HttpHandlers handlers) override;

private:
    RecordingClient(std::unique_ptr<HttpClient> client, QString path, FolderNames folders, QByteArrayList secrets);

    std::unique_ptr<HttpClient> m_client;
    const QString m_path;
    const FolderNames m_folders;
    const QByteArrayList m_secrets;
};

/// Answers from a cassette, each exchange once or, where answers get lost on purpose, again when none is left that was
/// not played, without a network. A request that was not recorded goes to whom `live`
/// makes; without it, it is refused with a sentence that names where it first differs from the nearest one that was.
class ReplayingClient final : public HttpClient
{
public:
    using MakeClient = std::function<Result<std::unique_ptr<HttpClient>>()>;
    enum class Play { Once, Again };
    static Result<std::unique_ptr<HttpClient>> create(const QString &folder, FolderNames folders, Play play,
                                                      MakeClient live);
    std::unique_ptr<HttpExchange> send(HttpRequest request, HttpHandlers handlers) override;

private:
    ReplayingClient(std::vector<RecordedExchange> exchanges, FolderNames folders, Play play, MakeClient live);
    std::optional<size_t> find(const QByteArray &request) const;
    Result<HttpClient *> live(const QByteArray &request);
    QString miss(const QByteArray &request) const;

    std::vector<RecordedExchange> m_exchanges;
    std::vector<bool> m_isPlayed;
    const FolderNames m_folders;
    const Play m_play;
    const MakeClient m_makeLive;
    std::unique_ptr<HttpClient> m_live; ///< Since it was needed.
};

} // namespace nightshift::llm
