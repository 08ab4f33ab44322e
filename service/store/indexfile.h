#pragma once
#include "base/result.h"
#include <QByteArrayView>

namespace nightshift::store {

/// A file of rows, JSON objects with an `id`, of which an id's last one counts and one without a path ends its id.
/// Rows are only appended, by any number of processes at once; each time the file has grown by `step` bytes it is
/// written anew if more than half of its rows are superseded.
///
/// Who appends holds the file's lock with others, who writes it anew holds it alone and puts the new file in its
/// place in one step: no row is lost, and a kill at any moment leaves one of the two files, whole.
class IndexFile
{
public:
    static constexpr qint64 usualStep = 1 << 20;

    explicit IndexFile(QByteArray path, qint64 step = usualStep)
        : m_path(std::move(path))
        , m_step(step)
    {}

    enum class Missing { Fails, IsMade };
    /// Whole rows, each with its line end. NotFound where there is no file to append to.
    Result<> append(QByteArrayView rows, Missing missing) const;

private:
    Result<> compact() const;

    QByteArray m_path;
    qint64 m_step;
};

/// The id of a row as it stands in the file; empty when it has none.
QByteArrayView rowId(QByteArrayView row);

} // namespace nightshift::store
