#include "bodypieces.h"

namespace nightshift::llm {

std::vector<QByteArray> bodyPieces(const RawJson &head, const char *listName, const std::vector<RawJson> &list)
{
    std::vector<QByteArray> pieces;
    pieces.reserve(2 * list.size() + 2);
    pieces.push_back(head.text.chopped(1) + ",\"" + listName + "\":[");
    for (const RawJson &value : list) {
        if (pieces.size() > 1)
            pieces.emplace_back(",");
        pieces.push_back(value.text);
    }
    pieces.emplace_back("]}");
    return pieces;
}

} // namespace nightshift::llm
