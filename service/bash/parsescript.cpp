#include "parsescript.h"
#include "bash/nodes.h"
#include "bash/tokencheck.h"
#include "bash/words.h"
#include <memory>

extern "C" const TSLanguage *tree_sitter_bash();

using namespace Qt::StringLiterals;

namespace nightshift::bash {

namespace {

using commands::Script;
using commands::SimpleCommand;
using commands::Word;

using Parser = std::unique_ptr<TSParser, decltype(&ts_parser_delete)>;
using Tree = std::unique_ptr<TSTree, decltype(&ts_tree_delete)>;

constexpr int deepest = 12; // backquotes in backquotes

Script parsed(const QByteArray &text, int depth);

bool isCommand(TSNode node)
{
    return isOneOf(node, {"command", "declaration_command", "unset_command"});
}

bool isRedirection(TSNode node)
{
    return isOneOf(node, {"file_redirect", "herestring_redirect", "heredoc_redirect"});
}

class ScriptReader
{
public:
    ScriptReader(const QByteArray &text, int depth)
        : m_text(text)
        , m_depth(depth)
    {}
    Script read(TSNode root);

private:
    QByteArrayView textOf(TSNode node) const { return bash::textOf(node, m_text); }
    void walk(TSNode node, bool inQuotes = false, bool inCommand = false);
    void take(TSNode node, bool inQuotes, bool inCommand);
    std::optional<std::size_t> takeCommand(TSNode node);
    void walkRedirected(TSNode node, bool inQuotes);
    void takeRedirection(TSNode node, std::optional<std::size_t> command);
    void takeAssignment(TSNode node, bool forCommand);
    void takeBackquotes(TSNode node, bool inQuotes);
    void takeValue(TSNode node);
    void report(const QString &problem);
    Word wordOf(TSNode node) const;
    Word asWritten(TSNode node) const;
    Word joined(TSNode node) const;

    const QByteArray &m_text;
    int m_depth;
    int m_nesting = 0;
    Script m_script;
};

void ScriptReader::report(const QString &problem)
{
    if (m_script.problem.isEmpty())
        m_script.problem = problem;
}

Script ScriptReader::read(TSNode root)
{
    m_script.problem = problemOf(root, m_text);
    m_script.plain = true;
    walk(root);
    m_script.understood = m_script.problem.isEmpty();
    m_script.plain = m_script.plain && m_script.understood;
    for (const SimpleCommand &command : m_script.commands)
        m_script.plain = m_script.plain && std::ranges::all_of(command, &Word::literal);
    return std::move(m_script);
}

void ScriptReader::walk(TSNode node, bool inQuotes, bool inCommand)
{
    if (m_nesting >= deepestNode)
        return;
    ++m_nesting;
    take(node, inQuotes, inCommand);
    --m_nesting;
}

void ScriptReader::take(TSNode node, bool inQuotes, bool inCommand)
{
    // What a plain script consists of; the signs between commands have no name.
    static constexpr std::initializer_list<QByteArrayView> plain{
        "program",    "list",           "pipeline",      "command", "command_name", "word", "number", "string",
        "raw_string", "string_content", "concatenation", ";",       "&&",           "||",   "|",      "\n",
        "\""};
    m_script.plain = m_script.plain && isOneOf(node, plain); // a redirected command is not
    m_script.pipes = m_script.pipes || kind(node) == "pipeline";
    m_script.calculates = m_script.calculates ||
                          isOneOf(node, {"arithmetic_expansion", "subscript", "c_style_for_statement", "[[", "(("});
    if (kind(node) == "redirected_statement")
        return walkRedirected(node, inQuotes);
    if (isCommand(node))
        takeCommand(node);
    else if (kind(node) == "variable_assignment" && !inCommand)
        takeAssignment(node, false);
    else if (isOneOf(node, {"for_statement", "test_command", "case_statement", "subscript", "expansion",
                            "unary_expression", "binary_expression", "array"}))
        forEachChild(node, [this](TSNode child) { takeValue(child); });
    if (kind(node) == "expansion" && textOf(node).endsWith("@P}"))
        report(u"`%1`, whose value is read as shell syntax once more"_s.arg(QString::fromUtf8(textOf(node))));
    if (kind(node) == "command_substitution" && textOf(node).startsWith('`') && textOf(node).contains('\\'))
        return takeBackquotes(node, inQuotes);
    const std::size_t before = m_script.commands.size();
    forEachChild(node, [&](TSNode child) { walk(child, inQuotes || kind(node) == "string", kind(node) == "command"); });
    if (kind(node) == "pipeline")
        m_script.pipelines.emplace_back(before, m_script.commands.size());
}

/// Its place in the script; nothing where no program is named.
std::optional<std::size_t> ScriptReader::takeCommand(TSNode node)
{
    SimpleCommand command;
    forEachChild(node, [&](TSNode child) {
        if (kind(child) == "command_name") {
            if (!textOf(child).startsWith("((")) // arithmetic, no program
                command.push_back(wordOf(ts_node_child(child, 0)));
        } else if (kind(node) != "command" && !ts_node_is_named(child)) {
            command.push_back({QString::fromUtf8(textOf(child))}); // `export` itself
        } else if (ts_node_is_named(child) && !command.empty() && !isRedirection(child) &&
                   !isOneOf(child, {"comment", "subshell"})) {
            command.push_back(wordOf(child));
        }
    });
    std::optional<std::size_t> place;
    if (!command.empty()) {
        place = m_script.commands.size();
        m_script.commands.push_back(std::move(command));
    }
    forEachChild(node, [&](TSNode child) {
        if (isRedirection(child))
            takeRedirection(child, place);
        else if (kind(node) == "command" && kind(child) == "variable_assignment")
            takeAssignment(child, place.has_value());
    });
    return place;
}

/// The redirections of a command belong to it; those of a loop feed what is read inside.
void ScriptReader::walkRedirected(TSNode node, bool inQuotes)
{
    std::optional<std::size_t> place;
    forEachChild(node, [&](TSNode child) {
        if (isCommand(child)) {
            place = takeCommand(child);
            forEachChild(child, [&](TSNode part) { walk(part, inQuotes, kind(child) == "command"); });
            const qsizetype end = ts_node_end_byte(child);
            const TSNode next = ts_node_next_sibling(child);
            const bool gap = place && !ts_node_is_null(next) && ts_node_start_byte(next) > end;
            if (gap && QByteArrayView(m_text).sliced(end, ts_node_start_byte(next) - end).trimmed() == "-")
                m_script.commands[*place].push_back({u"-"_s}); // the grammar leaves it out
        } else {
            walk(child, inQuotes);
        }
    });
    forEachChild(node, [&](TSNode child) {
        if (isRedirection(child))
            takeRedirection(child, place);
    });
}

/// Words behind the file's name are arguments of the command, though the grammar puts them here: `git >out push`.
void ScriptReader::takeRedirection(TSNode node, std::optional<std::size_t> command)
{
    bool hasTarget = kind(node) == "heredoc_redirect";
    bool raw = false;
    forEachChild(node, [&](TSNode child) {
        if (kind(child) == "heredoc_start")
            raw = textOf(child).contains('\'') || textOf(child).contains('"') || textOf(child).contains('\\');
        if (isRedirection(child))
            return takeRedirection(child, command);
        if (!ts_node_is_named(child) || isCommand(child) ||
            isOneOf(child, {"file_descriptor", "heredoc_start", "heredoc_end", "pipeline", "list"}))
            return;
        const bool body = kind(child) == "heredoc_body";
        const Word word =
            body ? Word{QString::fromUtf8(textOf(child)), raw || ts_node_child_count(child) == 0} : wordOf(child);
        if (body || (kind(node) == "herestring_redirect" && !hasTarget)) {
            if (command)
                m_script.inputs.push_back({*command, word});
            else
                m_script.values.push_back({{}, word});
        } else if (hasTarget && command) {
            m_script.commands[*command].push_back(word);
        } else if (hasTarget) {
            report(u"`%1` behind a redirection"_s.arg(word.text));
        }
        hasTarget = true;
    });
}

void ScriptReader::takeAssignment(TSNode node, bool forCommand)
{
    QString name;
    forEachChild(node, [&](TSNode child) {
        if (kind(child) == "variable_name")
            name = QString::fromUtf8(textOf(child));
        else if (ts_node_is_named(child) && !isOneOf(child, {"subscript", "array"}))
            m_script.values.push_back({name, wordOf(child), forCommand});
    });
}

void ScriptReader::takeValue(TSNode node)
{
    if (isOneOf(node, {"word", "string", "raw_string", "ansi_c_string", "concatenation", "translated_string"}))
        m_script.values.push_back({{}, wordOf(node)});
}

/// The shell reads what stands between them in its turn, without some of the backslashes; the grammar does not.
void ScriptReader::takeBackquotes(TSNode node, bool inQuotes)
{
    m_script.plain = false;
    const Script inner = m_depth < deepest
                             ? parsed(betweenBackquotes(textOf(node).sliced(1).chopped(1), inQuotes), m_depth + 1)
                             : Script{.problem = u"backquotes in backquotes"_s};
    if (!inner.understood)
        report(inner.problem);
    for (const commands::Input &input : inner.inputs)
        m_script.inputs.push_back({m_script.commands.size() + input.command, input.text});
    m_script.commands.insert(m_script.commands.end(), inner.commands.begin(), inner.commands.end());
    m_script.values.insert(m_script.values.end(), inner.values.begin(), inner.values.end());
    m_script.calculates = m_script.calculates || inner.calculates;
}

Word ScriptReader::asWritten(TSNode node) const
{
    const QByteArrayView text = textOf(node);
    return {QString::fromUtf8(text), false, endingOf(text)};
}

Word ScriptReader::wordOf(TSNode node) const
{
    const QByteArrayView text = textOf(node);
    if (isOneOf(node, {"word", "number", "variable_name"}))
        return expands(text) || ts_node_named_child_count(node) > 0 ? asWritten(node) : Word{unescaped(text, false)};
    if (kind(node) == "raw_string" && text.size() >= 2)
        return {QString::fromUtf8(text.sliced(1).chopped(1))};
    if (kind(node) == "ansi_c_string" && text.size() >= 3) {
        const auto plain = ansiText(text.sliced(2).chopped(1));
        return plain ? Word{*plain} : asWritten(node);
    }
    if (kind(node) == "concatenation" || kind(node) == "variable_assignment")
        return joined(node);
    if (kind(node) == "string" && text.size() >= 2) {
        bool literal = true;
        forEachChild(node, [&literal](TSNode part) {
            literal = literal && (!ts_node_is_named(part) || kind(part) == "string_content");
        });
        return literal ? Word{unescaped(text.sliced(1).chopped(1), true)} : asWritten(node);
    }
    return asWritten(node);
}

/// Pieces without a gap between them: `"g"it`, `a='b c'`.
Word ScriptReader::joined(TSNode node) const
{
    Word whole;
    forEachChild(node, [&](TSNode part) {
        const Word piece = ts_node_is_named(part) ? wordOf(part) : Word{QString::fromUtf8(textOf(part))};
        whole.text += piece.text;
        whole.literal = whole.literal && piece.literal;
    });
    const QByteArrayView text = textOf(node);
    const bool descriptor = text.size() > 2 && text.startsWith('{') && text.endsWith('}'); // {fd}>file
    return whole.literal && !descriptor && !hasAlternatives(text) ? whole : asWritten(node);
}

Script parsed(const QByteArray &text, int depth)
{
    const Parser parser(ts_parser_new(), ts_parser_delete);
    if (!ts_parser_set_language(parser.get(), tree_sitter_bash()))
        return {};
    const Tree tree(ts_parser_parse_string(parser.get(), nullptr, text.constData(), uint32_t(text.size())),
                    ts_tree_delete);
    return tree ? ScriptReader(text, depth).read(ts_tree_root_node(tree.get())) : Script();
}

} // namespace

Script parseScript(const QString &text)
{
    return parsed(text.toUtf8(), 0);
}

} // namespace nightshift::bash
