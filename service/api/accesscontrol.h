#pragma once
#include "api/facts.h"
#include "api/requestsettings.h"
#include "api/sessionopener.h"
#include "api/sessionview.h"
#include "http/tokenstore.h"

namespace nightshift::api {

/// Whether a problem says that a token allows something not, and not that it cannot be had at all.
bool isRefusal(const http::Problem &problem);

/// Decides what the holder of a token may have: one question each, and every route asks here, whoever made what it is
/// about. New sessions, forks, imports, turns, changes, and batches with their resumption are judged by the token that
/// asks now; a turn that waited is judged again when it begins, by what its token allows then.
///
/// A process of our own user, over the Unix socket, has the scope admin and the service's roots.
class AccessControl
{
public:
    /// What is given outlives it.
    AccessControl(const SessionOpener &opener, http::Allowance &allowance, http::TokenStore &tokens);

    /// The token as it is now; nothing when it was taken away or has expired.
    std::optional<http::Token> current(const QString &tokenId) const;
    /// Unauthorized or ScopeMissing for a token that is not as it was when the request came.
    http::Judged<void> stillStands(const http::Token &caller) const;

    /// Whether there is such a session for the caller. One without a folder is there for the token that brought it, and
    /// for those that are bound to no folder.
    bool sees(const http::Token &caller, const SessionView &session) const;
    bool sees(const http::Token &caller, const QString &folder) const;

    /// What a body may say there at all; see requestsettings.h. What its values come to is judged by what follows.
    http::Judged<void> settings(const http::Token &caller, JsonView body, RequestSetting::In in) const;

    /// The folder to work in, its links resolved.
    http::Judged<QString> folder(const http::Token &caller, const QString &cwd) const;
    http::Judged<void> model(const http::Token &caller, const QString &model) const;
    http::Judged<void> sandbox(const http::Token &caller, const SandboxPolicy &policy) const;
    /// `usual` is what the service's settings say.
    http::Judged<void> isolation(const http::Token &caller, Isolation asked, Isolation usual) const;
    /// A session that approves of itself runs commands outside of the sandbox: that takes the scope approve and
    /// danger-full-access. One that asks is no harm: somebody else decides.
    http::Judged<void> approval(const http::Token &caller, const ApprovalOptions &options) const;
    /// Who may not approve makes nothing easier to be approved than it was.
    http::Judged<void> approvalChange(const http::Token &caller, const ApprovalOptions &newer,
                                      const ApprovalOptions &older) const;

    /// Of a session that a bundle brought and nobody gave a folder yet.
    static http::Problem noFolder();

    enum class Of { NewSession, OldSession };
    /// All of that for the work of one session. Blanks of `options` are filled in from the service's settings, cut down
    /// to what the token may have; what `options` say themselves is judged, and never cut down.
    http::Judged<Settings> work(const http::Token &caller, SessionOptions &options, Of of) const;

    /// Why a turn that waited does not begin: what its token allows now, with what its session is now.
    std::optional<Withdrawn> refusedStart(const QString &tokenId, const SessionOptions &session) const;

    http::Allowance &allowance() const { return m_allowance; }
    const SessionOpener &opener() const { return m_opener; }

private:
    const SessionOpener &m_opener;
    http::Allowance &m_allowance;
    http::TokenStore &m_tokens;
};

} // namespace nightshift::api
