#include "config/configfile.h"
#include "config/loadsettings.h"
#include "config/overrides.h"
#include "input.h"
#include <QFile>
#include <QTemporaryDir>

using namespace nightshift;
using namespace Qt::StringLiterals;

namespace {

config::LoadOptions options(const QString &home, const QByteArray &override)
{
    config::LoadOptions options;
    options.cwd = home;
    options.environment = {{u"NIGHTSHIFT_HOME"_s, home}};
    options.systemFolder = home + u"/none"_s;
    if (!override.isEmpty())
        options.overrides += QString::fromUtf8(override);
    return options;
}

} // namespace

/// A config.toml, and behind a NUL one -c.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const QTemporaryDir home;
    const auto [toml, override] = fuzz::twoTexts(fuzz::bytes(data, size));
    const auto entries = config::parseToml(toml, {config::LayerKind::User, u"config.toml"_s, 0});
    (void)config::parseOverride(QString::fromUtf8(override));
    QFile file(home.filePath(u"config.toml"_s));
    fuzz::mustHold(file.open(QIODevice::WriteOnly) && file.write(toml) == toml.size(), "the home can be written");
    file.close();
    const auto loaded = config::loadSettings(options(home.path(), override));
    fuzz::mustHold(entries || !loaded, "what is not TOML does not load");
    return 0;
}
