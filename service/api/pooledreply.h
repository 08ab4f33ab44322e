#pragma once
#include "http/route.h"

namespace nightshift::api {

/// An answer that takes its time to be made: in the pool, while others are served.
class PooledReply : public http::LaterReply
{
    Q_OBJECT

public:
    /// What is left to do here, once the work is done.
    using Rest = std::function<http::Judged<http::Response>()>;
    /// Touches nothing that belongs to the service's thread.
    using Work = std::function<Rest()>;
    explicit PooledReply(Work work);

    http::Response soFar() const override;
};

} // namespace nightshift::api
