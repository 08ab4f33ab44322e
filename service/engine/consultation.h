#pragma once
#include "hooks/round.h"

namespace nightshift::engine {

/// What the hooks of one moment come to.
struct Advice
{
    std::optional<hooks::Answer> decided; ///< By whom, and how: the deny, again, or answer to an approval; else absent.
    std::optional<hooks::Answer> asked;   ///< A hook wants somebody to agree.
    QStringList contexts;                 ///< For the model.
    QStringList rewrittenBy;              ///< Sources, in order.

    bool isDenied() const { return decided && decided->decision.kind == hooks::Decision::Kind::Deny; }
};

/// Asks the hooks about one thing. The first that denies, or answers an approval, or wants a turn to go on, decides;
/// what one rewrites the next one sees. Emits finished() exactly once, from the event loop.
class Consultation : public QObject
{
    Q_OBJECT

public:
    struct Subject
    {
        HookMoment moment = HookMoment::Command;
        CallId call;                         ///< Empty when it is about none.
        std::function<QString()> what = {};  ///< In a few words, as it is by now.
        std::function<RawJson()> event = {}; ///< For the hooks, as it is by now.
        /// Puts a rewrite in the place of what was asked about; the error is why that may not be.
        std::function<Result<>(const hooks::Decision::Rewrite &)> rewrite = {};
    };
    Consultation(const HookSources &sources, Subject subject, QObject *parent);

signals:
    void event(const nightshift::Event &event);
    void finished(const nightshift::engine::Advice &advice);

private:
    void onAnswered(const hooks::Answer &answer);
    void take(hooks::Answer answer);
    void end();

    Subject m_subject;
    Advice m_advice;
    hooks::Round *m_round;
};

} // namespace nightshift::engine
