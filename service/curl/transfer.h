#pragma once
#include "domain/answerlimits.h"
#include "llm/httpclient.h"
#include <curl/curl.h>
#include <optional>

namespace nightshift::curl {

/// What all requests of a client have in common.
struct TransferOptions
{
    QByteArray caFile;   ///< PEM; empty means the system's authorities.
    QByteArray caFolder; ///< With a file for each authority, named by its hash; empty means that there is none.
    AnswerLimits limits = {};
};

/// One request of libcurl's. What libcurl hears of the answer waits here until it may be passed on: from inside of
/// libcurl's calls no transfer can be taken back, and a handler may do just that.
class Transfer final : public std::enable_shared_from_this<Transfer>
{
public:
    /// `proxy` is a URL, empty for none.
    Transfer(llm::HttpRequest request, const QByteArray &proxy, const TransferOptions &options,
             llm::HttpHandlers handlers);
    ~Transfer();
    Q_DISABLE_COPY_MOVE(Transfer)

    using List = std::vector<std::shared_ptr<Transfer>>;

    CURL *handle() const { return m_handle; }

    /// From now on it adds itself to `news` when there is something to pass on.
    void begin(List &news) { m_news = &news; }
    /// libcurl is done with it.
    void end(CURLcode code);

    /// Hands on what has come since, until drop() is called in between.
    void pass();
    /// No handler is called any more.
    void drop() { m_isDropped = true; }

private:
    static size_t onHeader(char *data, size_t size, size_t count, void *self);
    static size_t onBody(char *data, size_t size, size_t count, void *self);
    static size_t onRead(char *to, size_t size, size_t count, void *self);
    static int onSeek(void *self, curl_off_t offset, int origin);

    void prepare(const QByteArray &proxy, const TransferOptions &options);
    void prepareBody();
    void takeHeader(const QByteArray &line);
    bool isHeadTooLarge(size_t lineBytes);
    size_t read(char *to, size_t wanted);
    void announce();
    QString failure(CURLcode code) const;

    const llm::HttpRequest m_request;
    const llm::HttpHandlers m_handlers;
    CURL *m_handle;
    curl_slist *m_lines = nullptr; ///< Of the request's head.
    char m_problem[CURL_ERROR_SIZE] = {};

    size_t m_piece = 0; ///< Of the request's body: what is read next.
    qsizetype m_offset = 0;

    const AnswerLimits m_limits;
    qint64 m_headBytes = 0; ///< Of all heads so far, and of trailers.
    QString m_excess;       ///< Which limit they passed.
    int m_status = 0;
    llm::HttpHeaders m_headers;
    enum class Head { Coming, Complete, Passed } m_head = Head::Coming;
    QByteArray m_body; ///< That was not passed on yet.
    std::optional<Result<>> m_outcome;
    List *m_news = nullptr;
    bool m_isAnnounced = false;
    bool m_isDropped = false;
};

} // namespace nightshift::curl
