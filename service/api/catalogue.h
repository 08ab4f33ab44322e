#pragma once
#include "api/sessionoptions.h"
#include <map>

namespace nightshift::api {

/// What lists ask of the sessions made here without reading their logs. A cache in one file, a line for each change;
/// the logs hold the same.
class Catalogue
{
public:
    struct Row
    {
        QString externalId;
        Labels labels;
        bool operator==(const Row &) const = default;
    };

    explicit Catalogue(QString path);

    const std::map<QString, Row, std::greater<>> &rows() const { return m_rows; } ///< By id: the newest first.
    void put(const QString &id, const Row &row);
    void remove(const QString &id);

private:
    void append(const QString &id, const RawJson &row);

    QString m_path;
    std::map<QString, Row, std::greater<>> m_rows;
};

/// Which sessions a list is to hold.
struct SessionFilter
{
    Labels labels;
    std::optional<QString> externalId;
    QByteArray status; ///< Empty: any.

    bool fits(const Catalogue::Row &row) const;
    /// Only those that work, or wait to.
    bool isOfWork() const { return status == "queued" || status == "running" || status == "waiting"; }
};

} // namespace nightshift::api
