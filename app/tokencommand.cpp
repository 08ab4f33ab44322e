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

Result<> resolveKey(ProviderSettings &provider)
{
    if (!provider.keyProblem.isEmpty())
        return fail(Error::Kind::Denied, provider.keyProblem);
    if (!provider.tokenCommand)
        return {};
    auto token = runTokenCommand(*provider.tokenCommand);
    if (!token)
        return fail(Error::Kind::Denied,
                    u"the token command of the provider `%1` failed: %2"_s.arg(provider.id, token.error().message));
    provider.key = std::move(*token);
    return {};
}

} // namespace nightshift::app
