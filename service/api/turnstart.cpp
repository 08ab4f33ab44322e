#include "turnstart.h"
#include "engine/inputfile.h"
#include "schema/outputschema.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::api {

static QString absolute(const QString &path, const QString &cwd)
{
    return QDir::cleanPath(QDir(cwd).absoluteFilePath(path));
}

UserInput userInput(const std::vector<InputPart> &input, const QString &cwd)
{
    UserInput result;
    QStringList texts;
    for (const InputPart &part : input) {
        if (part.kind == InputPart::Kind::Text)
            texts += part.text;
        else if (part.kind == InputPart::Kind::Image)
            result.images += absolute(part.text, cwd);
        else
            texts += engine::inputFileText(part.text, absolute(part.text, cwd));
    }
    result.text = texts.join(u"\n\n"_s);
    return result;
}

std::vector<http::FieldProblem> inputProblems(const std::vector<InputPart> &input, const QString &cwd)
{
    std::vector<http::FieldProblem> problems;
    for (size_t i = 0; i < input.size(); ++i) {
        if (input[i].kind == InputPart::Kind::Text)
            continue;
        const QFileInfo file(absolute(input[i].text, cwd));
        const QString pointer = u"/input/%1/path"_s.arg(i);
        // The real place counts: a link must not lead out.
        if (!file.isFile() || !file.isReadable())
            problems.push_back({pointer, u"is no file that can be read"_s});
        else if (!file.canonicalFilePath().startsWith(cwd + u'/'))
            problems.push_back({pointer, u"lies outside of the session's folder"_s});
    }
    return problems;
}

template <typename T>
static std::optional<T> lesser(std::optional<T> a, std::optional<T> b)
{
    return a && b ? std::min(*a, *b) : a ? a : b;
}

TurnLimits turnLimits(const SessionView &session, const SessionLimits &own)
{
    const SessionLimits &whole = session.options.limits;
    const auto left = [](const auto &limit, auto used) {
        return limit ? std::optional(std::max(decltype(used)(0), *limit - used)) : std::nullopt;
    };
    TurnLimits limits;
    limits.requests = lesser(own.requests, left(whole.requests, session.requests));
    limits.tokens = lesser(own.tokens, left(whole.tokens, session.usage.totalTokens()));
    limits.costUsd = lesser(own.costUsd, left(whole.costUsd, session.usage.costUsd.value_or(0)));
    limits.before = {.requests = limits.requests == own.requests ? 0 : session.requests,
                     .tokens = limits.tokens == own.tokens ? 0 : session.usage.totalTokens(),
                     .costUsd = limits.costUsd == own.costUsd ? 0 : session.usage.costUsd.value_or(0)};
    if (const auto seconds = lesser(own.wallSeconds, whole.wallSeconds))
        limits.time = std::chrono::seconds(*seconds);
    return limits;
}

static http::Problem reached(http::ProblemCode code, double used, double limit, const char *unit)
{
    return {code, u"%1 of %2 %3 used"_s.arg(QString::number(used, 'g', 12), QString::number(limit, 'g', 12),
                                            QLatin1StringView(unit))};
}

std::optional<http::Problem> exhausted(const SessionView &session)
{
    const SessionLimits &limits = session.options.limits;
    const double turns = double(session.turns.size());
    if (limits.turns && turns >= double(*limits.turns))
        return reached(http::ProblemCode::LimitTurns, turns, double(*limits.turns), "turns");
    return spent(session);
}

std::optional<http::Problem> spent(const SessionView &session)
{
    using enum http::ProblemCode;
    const SessionLimits &limits = session.options.limits;
    const double requests = double(session.requests), tokens = double(session.usage.totalTokens());
    const double cost = session.usage.costUsd.value_or(0);
    if (limits.requests && requests >= double(*limits.requests))
        return reached(LimitRequests, requests, double(*limits.requests), "requests");
    if (limits.tokens && tokens >= double(*limits.tokens))
        return reached(LimitTokens, tokens, double(*limits.tokens), "tokens");
    if (limits.costUsd && cost >= *limits.costUsd)
        return reached(LimitCost, cost, *limits.costUsd, "USD");
    return {};
}

engine::Session::Wishes wishes(const SessionView &session, const TurnView &turn)
{
    const TurnOptions wanted = turn.wanted.value_or(TurnOptions());
    engine::Session::Wishes wishes;
    wishes.turnId = turn.id;
    wishes.traceParent = wanted.traceParent;
    wishes.limits = turnLimits(session, wanted.limits);
    wishes.goesOn = wanted.goesOn && wanted.input.empty();
    if (auto schema = wanted.schema ? schema::OutputSchema::parse(wanted.schema->text)
                                    : Result<schema::OutputSchema>(fail(Error::Kind::NotFound, {}))) {
        const auto kept = std::make_shared<schema::OutputSchema>(std::move(*schema));
        wishes.outputSchema = kept->json();
        wishes.mismatch = [kept](const QString &message) { return kept->mismatch(message); };
    }
    return wishes;
}

} // namespace nightshift::api
