#include "rules.h"
#include "base/boundedfile.h"
#include "base/shellwords.h"
#include "config/ruletokens.h"
#include "config/sightings.h"
#include <QDir>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

using Kind = RuleToken::Kind;
using Decision = CommandRule::Decision;

/// A string, or a list of such; no more is needed of Starlark's values.
struct Literal
{
    std::optional<QString> string;
    std::vector<Literal> list;
};

struct Examples
{
    std::vector<QStringList> match;
    std::vector<QStringList> notMatch;
};

/// One rules file, from its first token to its last. After the first problem nothing else counts.
class RuleReader
{
public:
    RuleReader(std::vector<RuleToken> tokens, QString file)
        : m_tokens(std::move(tokens))
        , m_file(std::move(file))
    {}
    Result<std::vector<CommandRule>> read();

private:
    const RuleToken &token() const { return m_tokens[m_at]; }
    bool isSign(QChar sign) const { return token().kind == Kind::Sign && token().text == sign; }
    bool take(QChar sign);
    void skipLineEnds();
    void expect(QChar sign);
    void problem(int line, const QString &message);
    bool failed() const { return m_error.has_value(); }

    CommandRule takeRule();
    void takeArgument(CommandRule &rule, Examples &examples, QStringList &given);
    Literal takeLiteral();
    void apply(const QString &name, const Literal &value, int line, CommandRule &rule, Examples &examples);
    void applyPattern(const Literal &value, int line, CommandRule &rule);
    QString text(const QString &name, const Literal &value, int line);
    std::vector<QStringList> commands(const QString &name, const Literal &value, int line);
    void check(const CommandRule &rule, const Examples &examples);

    std::vector<RuleToken> m_tokens;
    QString m_file;
    std::size_t m_at = 0;
    std::optional<Error> m_error;
};

void RuleReader::problem(int line, const QString &message)
{
    if (!m_error)
        m_error = Error{Error::Kind::Invalid, u"%1:%2: %3"_s.arg(m_file, QString::number(line), message)};
    m_at = m_tokens.size() - 1; // the End
}

bool RuleReader::take(QChar sign)
{
    if (!isSign(sign))
        return false;
    ++m_at;
    return true;
}

void RuleReader::skipLineEnds()
{
    while (token().kind == Kind::LineEnd)
        ++m_at;
}

void RuleReader::expect(QChar sign)
{
    skipLineEnds();
    if (!failed() && !take(sign))
        problem(token().line, u"expected `%1`"_s.arg(sign));
}

Result<std::vector<CommandRule>> RuleReader::read()
{
    std::vector<CommandRule> rules;
    for (;;) {
        while (token().kind == Kind::LineEnd || isSign(u';'))
            ++m_at;
        if (token().kind == Kind::End)
            break;
        rules.push_back(takeRule());
    }
    if (m_error)
        return std::unexpected(*m_error);
    return rules;
}

CommandRule RuleReader::takeRule()
{
    CommandRule rule{.file = m_file, .line = token().line};
    if (token().kind != Kind::Name || token().text != "prefix_rule"_L1) {
        problem(rule.line, u"only calls of prefix_rule() with literal arguments are understood here"_s);
        return rule;
    }
    ++m_at;
    expect(u'(');
    Examples examples;
    QStringList given;
    for (skipLineEnds(); !failed() && !isSign(u')'); skipLineEnds()) {
        takeArgument(rule, examples, given);
        skipLineEnds();
        if (!take(u',') && !failed() && !isSign(u')'))
            problem(token().line, u"expected `,` or `)`"_s);
    }
    expect(u')');
    if (!failed() && !given.contains("pattern"_L1))
        problem(rule.line, u"prefix_rule() needs a `pattern`"_s);
    if (!failed())
        check(rule, examples);
    return rule;
}

/// `name = value`; the first ones may stand without their names.
void RuleReader::takeArgument(CommandRule &rule, Examples &examples, QStringList &given)
{
    static const QStringList order{u"pattern"_s, u"decision"_s, u"match"_s, u"not_match"_s, u"justification"_s};
    const int line = token().line;
    QString name = order.value(given.size());
    if (token().kind == Kind::Name) {
        name = token().text;
        ++m_at;
        if (!isSign(u'='))
            return problem(line, u"`%1` is no literal: only strings and lists of strings are understood"_s.arg(name));
        ++m_at;
        skipLineEnds();
    }
    if (!order.contains(name))
        return problem(line, u"prefix_rule() has no argument `%1`; it has %2"_s.arg(name, order.join(u", "_s)));
    if (given.contains(name))
        return problem(line, u"`%1` is given twice"_s.arg(name));
    given += name;
    const Literal value = takeLiteral();
    if (!failed())
        apply(name, value, line, rule, examples);
}

Literal RuleReader::takeLiteral()
{
    Literal value;
    if (token().kind == Kind::String) {
        value.string = token().text;
        ++m_at;
        return value;
    }
    if (!take(u'[')) {
        problem(token().line, u"only strings and lists of strings are understood here"_s);
        return value;
    }
    for (skipLineEnds(); !failed() && !isSign(u']'); skipLineEnds()) {
        value.list.push_back(takeLiteral());
        skipLineEnds();
        if (!take(u',') && !failed() && !isSign(u']'))
            problem(token().line, u"expected `,` or `]`"_s);
    }
    expect(u']');
    return value;
}

void RuleReader::apply(const QString &name, const Literal &value, int line, CommandRule &rule, Examples &examples)
{
    if (name == "pattern"_L1)
        return applyPattern(value, line, rule);
    if (name == "match"_L1) {
        examples.match = commands(name, value, line);
    } else if (name == "not_match"_L1) {
        examples.notMatch = commands(name, value, line);
    } else if (name == "justification"_L1) {
        rule.justification = text(name, value, line).trimmed();
        if (!failed() && rule.justification.isEmpty())
            problem(line, u"`justification` must not be empty"_s);
    } else {
        const QString decision = text(name, value, line);
        for (const Decision known : {Decision::Allow, Decision::Prompt, Decision::Forbidden}) {
            rule.decision = known;
            if (failed() || decision == decisionName(known))
                return;
        }
        problem(line, u"`decision` must be allow, prompt or forbidden, not `%1`"_s.arg(decision));
    }
}

void RuleReader::applyPattern(const Literal &value, int line, CommandRule &rule)
{
    for (const Literal &item : value.list) {
        QStringList words;
        if (item.string)
            words += *item.string;
        for (const Literal &alternative : item.list) {
            if (!alternative.string)
                return problem(line, u"an alternative in `pattern` must be a string"_s);
            words += *alternative.string;
        }
        if (words.isEmpty())
            return problem(line, u"alternatives in `pattern` must not be empty"_s);
        rule.pattern.push_back(words);
    }
    if (rule.pattern.empty())
        problem(line, u"`pattern` must be a list of words that is not empty"_s);
}

QString RuleReader::text(const QString &name, const Literal &value, int line)
{
    if (!value.string)
        problem(line, u"`%1` must be a string"_s.arg(name));
    return value.string.value_or(QString());
}

/// Examples: each a line as for a shell, or a list of words.
std::vector<QStringList> RuleReader::commands(const QString &name, const Literal &value, int line)
{
    if (value.string)
        problem(line, u"`%1` must be a list of commands"_s.arg(name));
    std::vector<QStringList> commands;
    for (const Literal &item : value.list) {
        QStringList words;
        for (const Literal &word : item.list)
            words += text(name, word, line);
        if (item.string) {
            const auto split = shellSplit(*item.string);
            if (!split)
                problem(line, u"a quote in the example `%1` never closes"_s.arg(*item.string));
            words = split.value_or(QStringList());
        }
        commands.push_back(words);
    }
    return commands;
}

bool begins(const QStringList &words, const CommandRule &rule)
{
    return std::ranges::mismatch(rule.pattern, words, [](const QStringList &any, const QString &word) {
               return any.contains(word);
           }).in1 == rule.pattern.end();
}

void RuleReader::check(const CommandRule &rule, const Examples &examples)
{
    for (const QStringList &words : examples.match) {
        if (!begins(words, rule))
            return problem(rule.line, u"the example `%1` in `match` does not match its rule"_s.arg(shellQuoted(words)));
    }
    for (const QStringList &words : examples.notMatch) {
        if (begins(words, rule))
            return problem(rule.line, u"the example `%1` in `not_match` matches its rule"_s.arg(shellQuoted(words)));
    }
}

QStringList ruleFolders(const Settings &settings)
{
    QStringList folders;
    for (QString at = settings.cwd; settings.trustedProject; at = QFileInfo(at).path()) {
        folders.prepend(at + u"/.nightshift/rules"_s);
        folders.prepend(at + u"/.codex/rules"_s);
        if (at == settings.projectRoot || at == u"/"_s)
            break;
    }
    folders.prepend(settings.home.config + u"/rules"_s);
    folders.removeDuplicates();
    return folders;
}

} // namespace

Result<std::vector<CommandRule>> parseRules(const QString &text, const QString &file)
{
    auto tokens = ruleTokens(text);
    if (!tokens)
        return fail(Error::Kind::Invalid,
                    u"%1:%2: %3"_s.arg(file, QString::number(tokens.error().line), tokens.error().message));
    return RuleReader(*std::move(tokens), file).read();
}

Result<std::vector<CommandRule>> readRules(const Settings &settings)
{
    std::vector<CommandRule> all;
    for (const QString &folder : ruleFolders(settings)) {
        noteSight(folder, Sightings::Of::Names);
        const QDir dir(folder);
        for (const QString &name : dir.entryList(QDir::Files, QDir::Name)) {
            if (!name.endsWith(".rules"_L1))
                continue;
            noteSight(dir.filePath(name));
            const auto text = readBounded(dir.filePath(name), fileuse::rules);
            if (!text)
                return failAt(dir.filePath(name) + u": cannot be read"_s, text.error());
            const auto rules = parseRules(QString::fromUtf8(*text), dir.filePath(name));
            if (!rules)
                return failAt(u"loading rules"_s, rules.error());
            all.insert(all.end(), rules->begin(), rules->end());
        }
    }
    return all;
}

} // namespace nightshift::config
