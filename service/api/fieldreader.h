#pragma once
#include "base/jsonreader.h"
#include "http/requesthead.h"
#include <QStringList>

namespace nightshift::api {

/// The body as JSON: InvalidJson when it is none, ValidationFailed when it is no object.
http::Judged<JsonDocument> readBody(const QByteArray &body);

/// Takes the members of an object one by one and notes what is wrong with each, by its JSON pointer.
class FieldReader
{
public:
    FieldReader(JsonView object, std::vector<http::FieldProblem> &problems, QString pointer = {});

    /// The member, which counts as known from now on; absent when it is missing or null.
    JsonView take(const char *name);
    void refuse(const char *name, const QString &detail);

    std::optional<QString> string(const char *name);
    std::optional<bool> boolean(const char *name);
    /// A whole number of at least `least`.
    std::optional<qint64> integer(const char *name, qint64 least = 1);
    std::optional<double> positive(const char *name);
    /// One of these words; missing is no problem.
    std::optional<QString> word(const char *name, const QStringList &words);
    /// The members of an object of strings.
    std::optional<std::vector<std::pair<QString, QString>>> strings(const char *name);
    /// A reader for the members of an object; of an empty one where there is none.
    FieldReader object(const char *name);
    std::vector<FieldReader> objects(const char *name);

    const QString &pointer() const { return m_pointer; }
    bool isEmpty() const { return !m_object.exists(); }
    /// Every member that nobody took is refused.
    void finish();

private:
    QString pointerTo(const char *name) const;

    JsonView m_object;
    std::vector<http::FieldProblem> *m_problems;
    QString m_pointer;
    QStringList m_known;
};

/// ValidationFailed when there are any.
http::Judged<void> judge(std::vector<http::FieldProblem> problems);

} // namespace nightshift::api
