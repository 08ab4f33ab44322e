#include "judgement.h"
#include "base/shellwords.h"
#include "commands/matching.h"
#include "commands/programs.h"
#include <QScopeGuard>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

using Why = Verdict::Why;
using Rest = Inside::Rest;

constexpr int deepest = 12;            // nobody who means well nests more shells than this
constexpr std::size_t mostWords = 256; // of an argument and what follows it; a rule's pattern has fewer
constexpr int mostSteps = 5000;        // commands looked at for the sake of one

QString shown(const SimpleCommand &command)
{
    QStringList words;
    for (const Word &word : command)
        words += word.literal ? shellQuoted({word.text}) : word.text;
    return words.join(u' ');
}

/// Whether a shell would read more than one word in it.
bool isScriptLike(const QString &text)
{
    return std::ranges::any_of(text, [](QChar c) { return QStringView(u" \t\n;|&()`$").contains(c); });
}

} // namespace

Judgement::Judgement(const std::vector<CommandRule> &rules, const ParseScript &parse)
    : m_rules(rules)
    , m_parse(parse)
    , m_restricts(std::ranges::any_of(rules, restricts))
{}

void Judgement::note(const Verdict &found)
{
    if (m_strictest.why == Why::Unmatched || found.decision() > m_strictest.decision())
        m_strictest = found;
}

/// What nobody can know may break any rule; of the arguments of an unknown program it is not even known that they run.
void Judgement::onUnknown(const QString &part, const QString &unclear, Sure sure)
{
    m_allAllowed = false;
    const auto rule = std::ranges::find_if(m_rules, restricts);
    if (rule != m_rules.end() && sure != Sure::No)
        note({Why::NotUnderstood, *rule, part, unclear});
}

bool Judgement::goesDeeper()
{
    return m_depth < deepest && ++m_steps <= mostSteps;
}

void Judgement::onCommand(const SimpleCommand &command)
{
    onCommand(command, {}, Sure::Yes);
}

void Judgement::onCommand(const SimpleCommand &command, const std::vector<Word> &inputs, Sure sure)
{
    if (command.empty())
        return;
    if (!goesDeeper())
        return onUnknown(shown(command), u"too many commands in commands"_s, Sure::Yes);
    ++m_depth;
    const auto back = qScopeGuard([this] { --m_depth; });
    bool allowed = false;
    const bool namesProgram = !programOf(command).isEmpty();
    for (const CommandRule &rule : m_rules) {
        const Match found = match(rule, command);
        allowed = allowed || (found == Match::Yes && !restricts(rule));
        if (found == Match::Yes && sure == Sure::Yes)
            note({Why::Matched, rule, shown(command), {}});
        else if (restricts(rule) && found != Match::No && (sure != Sure::No || namesProgram))
            note({Why::MayMatch, rule, shown(command), {}});
    }
    const Inside inside = insideOf(command);
    const bool readable = inside.rest == Rest::Read && inside.unknown.isEmpty() && !inside.readsInput;
    m_allAllowed = m_allAllowed && sure == Sure::Yes &&
                   (allowed || (readable && !(inside.commands.empty() && inside.scripts.empty())));
    if (m_restricts || readable)
        onInside(command, inside, inputs, sure);
}

void Judgement::onInside(const SimpleCommand &command, const Inside &inside, const std::vector<Word> &inputs, Sure sure)
{
    for (const SimpleCommand &inner : inside.commands)
        onCommand(inner, inputs, sure);
    for (const Word &script : inside.scripts) {
        if (script.literal)
            onScript(script.text, sure);
        else
            onUnknown(shown(command), u"only the shell can tell what `%1` is"_s.arg(script.text), sure);
    }
    for (const QString &text : inside.names)
        onNames(text, sure);
    for (const Word &input : inputs) {
        if (inside.readsInput && input.literal)
            onScript(input.text, sure);
        else if (input.literal && evaluatesNames(programOf(command)))
            onNames(input.text, sure);
    }
    if (!inside.unknown.isEmpty())
        onUnknown(shown(command), inside.unknown, sure);
    else if (inside.readsInput && (inputs.empty() || !std::ranges::all_of(inputs, &Word::literal)))
        onUnknown(shown(command), u"its standard input"_s, sure);
    for (const Word &word : command) {
        if (isAssignment(word.text))
            onSetting(word.text.section(u'=', 0, 0), {word.text.section(u'=', 1), word.literal}, sure);
    }
    // The arguments of an argument are among those that are looked at one by one.
    if (inside.rest != Rest::Read && sure == Sure::Yes)
        onArguments(command, inputs, inside.rest == Rest::DoesRun);
}

/// Any of them may begin a command, be a script, or name the command in a language of the program's own.
void Judgement::onArguments(const SimpleCommand &command, const std::vector<Word> &inputs, bool runs)
{
    if (!m_restricts)
        return;
    const Verdict before = m_strictest;
    const auto named = [&](const Word &word) {
        return std::ranges::any_of(
            m_rules, [&word](const CommandRule &rule) { return restricts(rule) && mentionsProgram(rule, word.text); });
    };
    for (std::size_t at = 1; at < command.size(); ++at) {
        const bool mayBegin = runs || !command[at].literal || named(command[at]);
        SimpleCommand argument(command.begin() + std::ptrdiff_t(at),
                               command.begin() + std::ptrdiff_t(std::min(command.size(), at + mostWords)));
        for (Word &word : argument)
            word.literal = word.literal && !(runs && word.text.contains("{}"_L1)); // parallel puts words there
        if (mayBegin)
            onCommand(argument, {}, runs ? Sure::OfRunner : Sure::No);
        const bool inSed = programOf(command) == "sed"_L1; // s/x/command/e
        onText(command, inSed ? QString(command[at].text).replace(u'/', u' ') : command[at].text,
               runs && command[at].literal);
        if (runs || command[at].literal)
            continue;
        for (const CommandRule &rule : m_rules) {
            const auto holds = [&rule](const QString &value) { return mentionsProgram(rule, value); };
            if (restricts(rule) && std::ranges::any_of(m_values, holds))
                note({Why::MayMatch, rule, shown(command), u"`%1` may be it"_s.arg(command[at].text)});
        }
    }
    for (const Word &input : inputs)
        onText(command, input.text, runs && input.literal);
    if (m_strictest != before && m_strictest.why == Why::MayMatch)
        m_strictest = {Why::MayMatch, m_strictest.rule, shown(command),
                       u"`%1` may run what it is given"_s.arg(programOf(command))};
}

void Judgement::onText(const SimpleCommand &command, const QString &text, bool runs)
{
    for (const CommandRule &rule : m_rules) {
        if (restricts(rule) && mentions(rule, text))
            note({Why::MayMatch, rule, shown(command), {}});
    }
    if (!isScriptLike(text))
        return;
    const Script script = m_parse(text);
    for (const SimpleCommand &inner : script.commands)
        onCommand(inner, {}, runs && script.understood ? Sure::OfRunner : Sure::No);
}

void Judgement::onScript(const QString &text)
{
    onScript(text, Sure::Yes);
}

void Judgement::onScript(const QString &text, Sure sure)
{
    if (!goesDeeper())
        return onUnknown(text, u"too many scripts in scripts"_s, Sure::Yes);
    ++m_depth;
    const auto back = qScopeGuard([this] { --m_depth; });
    const Script script = m_parse(text);
    for (const Value &value : script.values)
        m_values += value.word.text;
    for (std::size_t at = 0; at < script.commands.size(); ++at) {
        std::vector<Word> inputs;
        for (const Input &input : script.inputs) {
            if (input.command == at)
                inputs.push_back(input.text);
        }
        onCommand(script.commands[at], inputs, sure);
        for (const Word &word : script.commands[at]) {
            if (script.calculates && word.literal)
                onNames(word.text, sure);
        }
    }
    for (const auto &[first, end] : script.pipelines)
        onPipeline(std::span(script.commands).subspan(first, end - first));
    for (const Value &value : script.values)
        onValue(value, sure);
    if (!script.understood)
        onUnknown(text, script.problem, sure);
}

/// What echo and printf say to a program that nobody knows may be what it runs.
void Judgement::onPipeline(std::span<const SimpleCommand> commands)
{
    const auto runs = [](const SimpleCommand &command) {
        const Inside inside = insideOf(command);
        return inside.rest != Rest::Read || std::ranges::any_of(inside.commands, [](const SimpleCommand &inner) {
                   return insideOf(inner).rest != Rest::Read;
               });
    };
    if (!m_restricts || std::ranges::none_of(commands, runs))
        return;
    for (const SimpleCommand &command : commands) {
        QString text;
        if (programOf(command) == "echo"_L1 || programOf(command) == "printf"_L1) {
            for (const Word &word : std::span(command).subspan(1))
                text += word.text + u' ';
        }
        onText(command, text, false);
    }
}

/// Arithmetic and tests run the substitutions in a variable, commands what some variables say.
void Judgement::onValue(const Value &value, Sure sure)
{
    if (!m_restricts)
        return;
    onSetting(value.name, value.word, sure);
    if (value.word.literal)
        onNames(value.word.text, sure);
    else if (value.word.text.contains("\\$("_L1) || value.word.text.contains("\\`"_L1))
        onUnknown(value.word.text, u"what it runs when it is evaluated"_s, sure);
    for (const CommandRule &rule : m_rules) {
        if (value.forCommand && restricts(rule) && mentions(rule, value.word.text))
            note({Why::MayMatch, rule, value.name + u'=' + value.word.text, u"a command may run what variables say"_s});
    }
}

void Judgement::onSetting(const QString &name, const Word &value, Sure sure)
{
    const QString part = name + u'=' + value.text;
    if (value.literal && value.text.isEmpty())
        return;
    if (name == "BASH_ENV"_L1)
        onUnknown(part, u"every shell reads that file"_s, sure);
    else if (isCommandVariable(name) && value.literal && !isShell(baseName(value.text)))
        onScript(value.text, sure);
    else if (isCommandVariable(name) && !value.literal)
        onUnknown(part, u"only the shell can tell what it is"_s, sure);
}

/// The substitutions in a text; where it is no text for a shell, at least the commands that it names.
void Judgement::onNames(const QString &text, Sure sure)
{
    if (!m_restricts || !(text.contains("$("_L1) || text.contains(u'`')))
        return;
    const Script script = m_parse(u": "_s + text);
    for (const SimpleCommand &command : script.commands) {
        if (programOf(command) != ":"_L1)
            onCommand(command, {}, sure == Sure::Yes && script.understood ? Sure::OfRunner : Sure::No);
    }
    if (!script.understood)
        onText({{text}}, text, false);
}

Verdict Judgement::verdict() const
{
    const bool allowed = m_strictest.why == Why::Matched && !restricts(m_strictest.rule);
    return allowed && !m_allAllowed ? Verdict() : m_strictest;
}

} // namespace nightshift::commands
