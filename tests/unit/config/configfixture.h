#pragma once
#include "config/loadsettings.h"
#include <QDir>
#include <QFile>
#include <QTemporaryDir>

/// A home, a system folder and a project of their own, and nothing of this machine.
class ConfigFixture
{
public:
    ConfigFixture()
    {
        for (const char *folder : {"home", "etc", "repo/.git", "repo/sub"})
            QDir().mkpath(path(folder));
        options.cwd = path("repo");
        options.systemFolder = path("etc");
        options.environment = {{QStringLiteral("HOME"), m_root.path()},
                               {QStringLiteral("CODEX_HOME"), path("home")},
                               {QStringLiteral("OPENAI_API_KEY"), QStringLiteral("sk-test")}};
    }

    /// Absolute and canonical.
    QString path(const char *relative) const
    {
        return QDir(QFileInfo(m_root.path()).canonicalFilePath()).filePath(QString::fromUtf8(relative));
    }
    void write(const char *relative, const QByteArray &text) const
    {
        QDir().mkpath(QFileInfo(path(relative)).path());
        QFile file(path(relative));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("the test folder cannot be written");
    }
    void trust() const
    {
        write("home/config.toml", "[projects.\"" + path("repo").toUtf8() + "\"]\ntrust_level = \"trusted\"\n");
    }
    nightshift::Result<nightshift::config::LoadedSettings> load() const
    {
        return nightshift::config::loadSettings(options);
    }
    /// The settings; defaults, which no comparison expects, when loading failed.
    nightshift::Settings settings() const
    {
        const auto loaded = load();
        if (!loaded)
            qWarning("%s", qUtf8Printable(loaded.error().message));
        return loaded ? loaded->settings : nightshift::Settings();
    }
    /// The error's message with the temporary folder written as `~`.
    QString error() const
    {
        const auto loaded = load();
        return loaded ? QString() : shortened(loaded.error().message);
    }
    QString shortened(QString text) const
    {
        return text.replace(QFileInfo(m_root.path()).canonicalFilePath(), QStringLiteral("~"));
    }

    nightshift::config::LoadOptions options;

private:
    QTemporaryDir m_root;
};
