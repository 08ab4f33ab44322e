#pragma once
#include <QByteArrayView>
#include <algorithm>
#include <initializer_list>
#include <tree_sitter/api.h>

namespace nightshift::bash {

inline QByteArrayView kind(TSNode node)
{
    return ts_node_type(node);
}

inline bool isOneOf(TSNode node, std::initializer_list<QByteArrayView> kinds)
{
    return std::ranges::find(kinds, kind(node)) != kinds.end();
}

inline QByteArrayView textOf(TSNode node, const QByteArray &text)
{
    const qsizetype start = ts_node_start_byte(node);
    return QByteArrayView(text).sliced(start, ts_node_end_byte(node) - start);
}

/// With a cursor: to ask for a child by its number takes as long as there are children.
template <typename F>
void forEachChild(TSNode node, F visit)
{
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more; more = ts_tree_cursor_goto_next_sibling(&cursor))
        visit(ts_tree_cursor_current_node(&cursor));
    ts_tree_cursor_delete(&cursor);
}

/// Counts how deep a walk is, which the stack limits.
constexpr int deepestNode = 500;

} // namespace nightshift::bash
