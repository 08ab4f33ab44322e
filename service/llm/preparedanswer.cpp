#include "preparedanswer.h"
#include <QObject>

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

class Delivery final : public QObject, public HttpExchange
{
public:
    Delivery(PreparedAnswer answer, HttpHandlers handlers)
        : m_answer(std::move(answer))
        , m_handlers(std::move(handlers))
    {
        later([this] { m_handlers.head(m_answer.status, m_answer.headers); });
        if (!m_answer.body.isEmpty())
            later([this] { m_handlers.body(m_answer.body); });
        later([this] {
            m_handlers.end(m_answer.isWhole ? Result<>() : fail(Error::Kind::Network, u"the connection was cut"_s));
        });
    }

private:
    void later(std::function<void()> step) { QMetaObject::invokeMethod(this, std::move(step), Qt::QueuedConnection); }

    const PreparedAnswer m_answer;
    const HttpHandlers m_handlers;
};

} // namespace

std::unique_ptr<HttpExchange> deliver(PreparedAnswer answer, HttpHandlers handlers)
{
    return std::make_unique<Delivery>(std::move(answer), std::move(handlers));
}

} // namespace nightshift::llm
