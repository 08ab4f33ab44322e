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

/// Answers from a cassette, each exchange once, without a network. A request that was not recorded is refused with a
/// sentence that names where it first differs from the nearest one that was.
class ReplayingClient final : public HttpClient
{
public:
    static Result<std::unique_ptr<HttpClient>> create(const QString &folder, FolderNames folders);
    std::unique_ptr<HttpExchange> send(HttpRequest request, HttpHandlers handlers) override;

private:
    ReplayingClient(std::vector<RecordedExchange> exchanges, FolderNames folders);
    QString miss(const QByteArray &request) const;

    std::vector<RecordedExchange> m_exchanges;
    std::vector<bool> m_isPlayed;
    const FolderNames m_folders;
};

/// What goes wrong with one request of a run.
struct Fault
{
    qint64 request = 0; ///< Which one, from 1.
    int status = 0;     ///< Answered instead of asking; 0 for the two below.
    std::optional<qint64> cutAfterBytes;
    bool stalls = false;
    bool operator==(const Fault &) const = default;
};
/// "429@2,cut@5:300,stall@7"
Result<std::vector<Fault>> parseFaults(const QString &text);

/// Another client that has these faults.
std::unique_ptr<HttpClient> withFaults(std::unique_ptr<HttpClient> client, std::vector<Fault> faults);

} // namespace nightshift::llm
