#pragma once
#include <QByteArrayView>
#include <optional>
#include <vector>

namespace nightshift::store {

/// Walks over the members of one JSON object and finds where their text stands, without parsing it: a log is
/// read back by splicing its items, and of most lines nothing but their type matters. Trusts the text to be
/// JSON as far as brackets and quotes do not contradict; then it ends early and is `broken`.
class MemberWalk
{
public:
    /// `text` begins with the object; what follows it does not matter.
    explicit MemberWalk(QByteArrayView text);

    /// Goes to the next member, over the value of the last one; false at the object's end.
    bool next();
    /// The member's name, in the escapes it was written with.
    QByteArrayView name() const { return m_name; }
    /// The value's text, up to its end.
    QByteArrayView value();
    /// Everything from the value on: for those who need not know where it ends.
    QByteArrayView rest() const { return {m_at, m_end}; }

    bool broken() const { return !m_at; }
    /// Behind the object; once next() returned false.
    const char *position() const { return m_at; }

private:
    const char *m_at;
    const char *m_end;
    QByteArrayView m_name;
    std::optional<QByteArrayView> m_value;
    bool m_first = true;
    bool m_done = false;
};

/// The member's text; empty when it is missing.
QByteArrayView memberText(QByteArrayView object, QByteArrayView name);

/// The texts of an array's values; fewer when the text contradicts itself.
std::vector<QByteArrayView> elementTexts(QByteArrayView array);

/// A string's content as it is written; empty when `text` is no string. Enough for what is never escaped:
/// types, roles, ids.
QByteArrayView bareString(QByteArrayView text);

} // namespace nightshift::store
