#include "networkloader.h"
#include "app/modules.h"
#include <QFile>
#include <algorithm>
#include <dlfcn.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

llm::NetworkOptions networkOptions(const Settings &settings)
{
    const auto isTls = [](const QString &url) { return url.startsWith("https:"_L1); };
    const bool tls =
        isTls(settings.provider.baseUrl) || std::ranges::any_of(settings.mcpServers, isTls, &McpServerSettings::url);
    return {.caFile = settings.caFile, .proxy = settings.proxy, .tls = tls};
}

NetworkLoader::NetworkLoader(llm::NetworkOptions options)
    : m_options(std::move(options))
    , m_thread([this] { load(); })
{}

void NetworkLoader::load()
{
    const bool plain = !m_options.tls && m_options.connections <= llm::NetworkOptions::fewConnections;
    if (plain) // first, since it takes the place of a library that QtNetwork would load (net/noproxy); it may be
               // missing
        ::dlopen(QFile::encodeName(modulePath(u"nightshift-noproxy"_s)).constData(), RTLD_LAZY | RTLD_LOCAL);
    const QString name = plain ? u"nightshift-net"_s : u"nightshift-curl"_s;
    void *module = ::dlopen(QFile::encodeName(modulePath(name)).constData(), RTLD_LAZY | RTLD_LOCAL);
    if (module)
        m_make = reinterpret_cast<llm::MakeHttpClient *>(::dlsym(module, llm::makeHttpClientSymbol));
    if (!m_make)
        m_problem = u"the network module cannot be loaded: "_s + QString::fromLocal8Bit(::dlerror());
}

NetworkLoader::~NetworkLoader() = default;

Result<std::unique_ptr<llm::HttpClient>> NetworkLoader::client()
{
    if (m_thread.joinable())
        m_thread.join();
    if (!m_make)
        return fail(Error::Kind::Internal, m_problem);
    return std::unique_ptr<llm::HttpClient>(m_make(m_options));
}

} // namespace nightshift::app
