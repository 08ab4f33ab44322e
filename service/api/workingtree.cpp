#include "workingtree.h"
#include "engine/gitstate.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

http::Judged<void> checkTree(const SessionOptions &options, const QString &id,
                             const std::vector<HostedSession *> &hosted)
{
    const auto treeOf = [](const SessionOptions &each) {
        const QString root = engine::repositoryRoot(each.cwd);
        return root.isEmpty() ? each.cwd : root;
    };
    const auto changesIt = [](const SessionOptions &each) {
        return each.sandbox != u"read-only"_s && (each.isolation.isEmpty() || each.isolation == u"none"_s);
    };
    if (!changesIt(options))
        return {};
    for (const HostedSession *session : hosted) {
        const SessionOptions &others = session->view().options;
        if (session->id() != id && session->isBusy() && changesIt(others) && treeOf(others) == treeOf(options))
            return std::unexpected(http::Problem{
                http::ProblemCode::WorkspaceLocked,
                u"session %1 works in %2; wait for it, or isolate one of them"_s.arg(session->id(), treeOf(options))});
    }
    return {};
}

} // namespace nightshift::api
