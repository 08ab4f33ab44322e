#include "networkloader.h"
#include <QFile>
#include <dlfcn.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

/// Beside the program in a build tree, in the library folder once installed.
static QByteArray modulePath()
{
    const QString program = QFile::symLinkTarget(u"/proc/self/exe"_s);
    const QString folder = program.first(program.lastIndexOf(u'/') + 1);
    const QString beside = folder + u"nightshift-net.so"_s;
    const QString installed = folder + QLatin1StringView(NIGHTSHIFT_MODULES_FROM_BIN) + u"/nightshift-net.so"_s;
    return QFile::encodeName(::access(QFile::encodeName(beside).constData(), R_OK) == 0 ? beside : installed);
}

NetworkLoader::NetworkLoader()
    : m_thread([this] {
        void *module = ::dlopen(modulePath().constData(), RTLD_LAZY | RTLD_LOCAL);
        if (module)
            m_make = reinterpret_cast<llm::MakeHttpClient *>(::dlsym(module, llm::makeHttpClientSymbol));
        if (!m_make)
            m_problem = u"the network module cannot be loaded: "_s + QString::fromLocal8Bit(::dlerror());
    })
{}

NetworkLoader::~NetworkLoader() = default;

Result<std::unique_ptr<llm::HttpClient>> NetworkLoader::client(const llm::NetworkOptions &options)
{
    if (m_thread.joinable())
        m_thread.join();
    if (!m_make)
        return fail(Error::Kind::Internal, m_problem);
    return std::unique_ptr<llm::HttpClient>(m_make(options));
}

} // namespace nightshift::app
