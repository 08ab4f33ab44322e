#include "parsescript.h"
#include <algorithm>
#include <memory>
#include <tree_sitter/api.h>

extern "C" const TSLanguage *tree_sitter_bash();

using namespace Qt::StringLiterals;

namespace nightshift::bash {

namespace {

using commands::Script;
using commands::SimpleCommand;
using commands::Word;

using Parser = std::unique_ptr<TSParser, decltype(&ts_parser_delete)>;
using Tree = std::unique_ptr<TSTree, decltype(&ts_tree_delete)>;

QByteArrayView kind(TSNode node)
{
    return ts_node_type(node);
}

bool isOneOf(TSNode node, std::initializer_list<QByteArrayView> kinds)
{
    return std::ranges::find(kinds, kind(node)) != kinds.end();
}

template <typename F>
void forEachChild(TSNode node, F visit)
{
    const uint32_t count = ts_node_child_count(node);
    for (uint32_t i = 0; i < count; ++i)
        visit(ts_node_child(node, i));
}

/// What stays of a bare or double-quoted text; a backslash takes the meaning from what follows.
QString unescaped(QByteArrayView text, bool inQuotes)
{
    QByteArray plain;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const bool escape =
            text[i] == '\\' && i + 1 < text.size() && (!inQuotes || QByteArrayView("\"\\$`\n").contains(text[i + 1]));
        if (!escape)
            plain += text[i];
        else if (text[++i] != '\n')
            plain += text[i];
    }
    return QString::fromUtf8(plain);
}

/// Whether the shell makes something else of a bare word: names of files, a home, alternatives.
bool expands(QByteArrayView text)
{
    if (text.startsWith('~'))
        return true;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (QByteArrayView("*?[{").contains(text[i]))
            return true;
    }
    return false;
}

class ScriptReader
{
public:
    explicit ScriptReader(const QByteArray &text)
        : m_text(text)
    {}
    Script read(TSNode root);

private:
    QByteArrayView textOf(TSNode node) const;
    void walk(TSNode node);
    void takeCommand(TSNode node);
    Word wordOf(TSNode node) const;
    Word joined(TSNode node) const;

    const QByteArray &m_text;
    Script m_script;
};

QByteArrayView ScriptReader::textOf(TSNode node) const
{
    const qsizetype start = ts_node_start_byte(node);
    return QByteArrayView(m_text).sliced(start, ts_node_end_byte(node) - start);
}

Script ScriptReader::read(TSNode root)
{
    m_script.understood = !ts_node_has_error(root);
    m_script.plain = m_script.understood;
    walk(root);
    for (const SimpleCommand &command : m_script.commands)
        m_script.plain = m_script.plain && std::ranges::all_of(command, &Word::literal);
    return std::move(m_script);
}

void ScriptReader::walk(TSNode node)
{
    if (isOneOf(node, {"command", "declaration_command", "unset_command"}))
        takeCommand(node);
    m_script.pipes = m_script.pipes || kind(node) == "pipeline";
    // What a plain script consists of; the signs between commands have no name.
    static constexpr std::initializer_list<QByteArrayView> plain{
        "program",    "list",           "pipeline",      "command", "command_name", "word", "number", "string",
        "raw_string", "string_content", "concatenation", ";",       "&&",           "||",   "|",      "\n",
        "\""};
    m_script.plain = m_script.plain && isOneOf(node, plain);
    forEachChild(node, [this](TSNode child) { walk(child); });
}

void ScriptReader::takeCommand(TSNode node)
{
    SimpleCommand command;
    forEachChild(node, [&](TSNode child) {
        if (kind(child) == "command_name")
            command.push_back(wordOf(ts_node_child(child, 0)));
        else if (kind(node) != "command" && !ts_node_is_named(child))
            command.push_back({QString::fromUtf8(textOf(child))}); // `export` itself
        else if (ts_node_is_named(child) && !command.empty() &&
                 !isOneOf(child, {"file_redirect", "herestring_redirect", "heredoc_redirect", "comment"}))
            command.push_back(wordOf(child));
    });
    if (!command.empty())
        m_script.commands.push_back(std::move(command));
}

Word ScriptReader::wordOf(TSNode node) const
{
    const QByteArrayView text = textOf(node);
    const Word asWritten{QString::fromUtf8(text), false};
    if (isOneOf(node, {"word", "number", "variable_name", "variable_assignment"}))
        return expands(text) || ts_node_named_child_count(node) > 0 ? asWritten : Word{unescaped(text, false)};
    if (kind(node) == "raw_string")
        return {QString::fromUtf8(text.sliced(1).chopped(1))};
    if (kind(node) == "concatenation")
        return joined(node);
    if (kind(node) == "string" && text.size() >= 2) {
        bool literal = true;
        forEachChild(node, [&literal](TSNode part) {
            literal = literal && (!ts_node_is_named(part) || kind(part) == "string_content");
        });
        return literal ? Word{unescaped(text.sliced(1).chopped(1), true)} : asWritten;
    }
    return asWritten;
}

/// Pieces without a gap between them: `"g"it`.
Word ScriptReader::joined(TSNode node) const
{
    Word whole;
    forEachChild(node, [&](TSNode part) {
        const Word piece = wordOf(part);
        whole.text += piece.text;
        whole.literal = whole.literal && piece.literal;
    });
    return whole.literal ? whole : Word{QString::fromUtf8(textOf(node)), false};
}

} // namespace

Script parseScript(const QString &text)
{
    const QByteArray utf8 = text.toUtf8();
    const Parser parser(ts_parser_new(), ts_parser_delete);
    if (!ts_parser_set_language(parser.get(), tree_sitter_bash()))
        return {};
    const Tree tree(ts_parser_parse_string(parser.get(), nullptr, utf8.constData(), uint32_t(utf8.size())),
                    ts_tree_delete);
    return tree ? ScriptReader(utf8).read(ts_tree_root_node(tree.get())) : Script();
}

} // namespace nightshift::bash
