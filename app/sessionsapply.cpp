#include "app/exitcodes.h"
#include "app/sessionstask.h"
#include "app/stdoutwriter.h"
#include "isolation/isolatedtree.h"
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

Result<int> applySession(const SessionsTask &task)
{
    const auto file = task.session(task.words[0]);
    if (!file)
        return std::unexpected(file.error());
    auto tree = isolation::IsolatedTree::ofSession(task.state(), file->id);
    if (!tree)
        return std::unexpected(tree.error());
    const auto count = tree->apply();
    if (!count)
        return std::unexpected(count.error());
    const QString files = *count == 1 ? u"1 file"_s : u"%1 files"_s.arg(*count);
    printText(u"%1 changed in %2\n"_s.arg(files, tree->tree()));
    return int(ExitCode::Success);
}

} // namespace nightshift::app
