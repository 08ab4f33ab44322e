#include "tokencommand.h"
#include "app/programoutput.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

Result<Secret> runTokenCommand(const TokenCommand &command)
{
    const auto output = programOutput(command.argv, command.cwd, command.timeout);
    if (!output)
        return std::unexpected(output.error());
    Secret token(output->trimmed());
    if (token.isEmpty())
        return fail(Error::Kind::Invalid, u"`%1` printed nothing"_s.arg(command.argv.join(u' ')));
    return token;
}

} // namespace nightshift::app
