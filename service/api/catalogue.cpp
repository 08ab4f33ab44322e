#include "catalogue.h"
#include "api/jsonlines.h"
#include "store/appending.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::api {

Catalogue::Catalogue(QString path)
    : m_path(std::move(path))
{
    for (const JsonDocument &entry : jsonLines(m_path)) {
        const QString id = entry.root()["id"].toString();
        std::vector<http::FieldProblem> ignored;
        FieldReader row = FieldReader(entry.root(), ignored).object("row");
        if (row.isEmpty())
            m_rows.erase(id);
        else
            m_rows.insert_or_assign(
                id, Row{row.string("external_id").value_or(QString()), row.strings("labels").value_or(Labels())});
    }
}

void Catalogue::put(const QString &id, const Row &row)
{
    if (const auto known = m_rows.find(id); known != m_rows.end() && known->second == row)
        return;
    m_rows.insert_or_assign(id, row);
    append(id, json::object({{"external_id", row.externalId}, {"labels", toJson(row.labels)}}));
}

void Catalogue::remove(const QString &id)
{
    if (m_rows.erase(id) > 0)
        append(id, json::null());
}

void Catalogue::append(const QString &id, const RawJson &row)
{
    // What cannot be kept still stands in the session's log.
    std::ignore = store::appendTo(m_path, json::object({{"id", id}, {"row", row}}).text + '\n');
}

bool SessionFilter::fits(const Catalogue::Row &row) const
{
    const auto has = [&row](const auto &label) { return std::ranges::find(row.labels, label) != row.labels.end(); };
    return std::ranges::all_of(labels, has) && (!externalId || row.externalId == *externalId);
}

} // namespace nightshift::api
