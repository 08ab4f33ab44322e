#pragma once
#include "base/jsonreader.h"
#include "store/linewalk.h"
#include "store/record.h"
#include "store/recording.h"
#include <QSet>

namespace nightshift::store {

/// The one pass over a log, from its end to where nothing more is to be learnt.
class LogScan
{
public:
    /// What was found is put into `recording`; call in the order newest text first.
    explicit LogScan(Recording &recording)
        : m_recording(recording)
    {}
    void scan(const std::shared_ptr<MappedFile> &file, QByteArrayView text);
    /// Once all texts are scanned.
    void finish();
    bool hasWholeHistory() const { return m_historyFrom == From::Nothing; }

private:
    /// What of the items further back still belongs to the conversation.
    enum class From {
        Everything,
        UserMessages, ///< behind a compaction that kept a summary and nothing else
        Nothing,
    };

    bool isDone() const { return m_historyFrom == From::Nothing && m_hasContext && m_hasUsage && m_hasTurn; }
    void onLine(QByteArrayView line, MappedFile &file);
    void onItem(const Record &record, MappedFile &file);
    void onCompacted(QByteArrayView line, MappedFile &file);
    void onTurnContext(QByteArrayView line);
    void onEvent(const Record &record, QByteArrayView line);
    void onTurnBoundary(bool open, QByteArrayView line);
    void onItem(QByteArrayView type, QByteArrayView line);
    void onUsage(QByteArrayView line);
    void takeUsage(JsonView total);
    void balance();
    HistoryItem answer(const HistoryItem &call) const;

    Recording &m_recording;
    From m_historyFrom = From::Everything;
    bool m_hasContext = false;
    bool m_hasUsage = false;
    bool m_hasTurn = false;
    QSet<QString> m_ended; ///< What the latest turn's later events say has ended: calls, and the plan as "".
    std::vector<QByteArrayView> m_ends; ///< Lines of the latest turn that tell how a call ended.
};

} // namespace nightshift::store
