#include "layers.h"
#include "config/configfile.h"
#include "config/hooksfile.h"
#include "config/overrides.h"
#include "config/project.h"
#include "config/projectfile.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

/// A layer's file, and the hooks.json beside it.
Result<std::vector<Entry>> readLayer(const QString &path, LayerKind layer)
{
    auto entries = readConfigFile(path, layer);
    if (!entries)
        return entries;
    auto hooks = readHooksFile(QFileInfo(path).path() + u"/hooks.json"_s, layer);
    if (!hooks)
        return hooks;
    std::ranges::move(*hooks, std::back_inserter(*entries));
    return entries;
}

Result<> addFile(Layers &layers, const QString &path, LayerKind layer, bool strict)
{
    // A profile lies beside the user's file, and the managed one beside the system's: their hooks are read with those.
    const bool isSecond = layer == LayerKind::Profile || layer == LayerKind::Managed;
    auto entries = isSecond ? readConfigFile(path, layer) : readLayer(path, layer);
    if (!entries)
        return std::unexpected(entries.error());
    for (Entry &entry : *entries) {
        if (const auto added = addEntry(layers, std::move(entry), strict); !added)
            return added;
    }
    return {};
}

/// Profiles that live in the settings file itself are gone from the reference, and so from here.
Result<> refuseLegacyProfiles(const LoadOptions &options, const std::vector<Entry> &entries, const QString &file)
{
    const auto advice = [&](const QString &name) {
        return u"; move those settings to %1 and use --profile %2"_s.arg(
            QFileInfo(file).dir().filePath(name + u".config.toml"_s), name);
    };
    for (const Entry &entry : entries) {
        if (entry.path == QStringList{u"profile"_s}) {
            const QString name = entry.value.string() ? *entry.value.string() : u"NAME"_s;
            return fail(Error::Kind::Invalid,
                        u"%1: `profile` is no longer supported"_s.arg(entry.origin.text()) + advice(name));
        }
        if (options.profile && entry.path.size() > 1 && entry.path.first() == u"profiles"_s &&
            entry.path[1] == *options.profile)
            return fail(Error::Kind::Invalid,
                        u"%1: --profile %2 cannot be used beside the old table [profiles.%2]"_s.arg(entry.origin.text(),
                                                                                                    *options.profile) +
                            advice(*options.profile));
    }
    return {};
}

Result<> addUserFiles(Layers &layers, const LoadOptions &options, const Home &home)
{
    const QString file = home.config + u"/config.toml"_s;
    auto entries = readLayer(file, LayerKind::User);
    if (!entries)
        return std::unexpected(entries.error());
    if (const auto fine = refuseLegacyProfiles(options, *entries, file); !fine)
        return fine;
    for (Entry &entry : *entries) {
        if (const auto added = addEntry(layers, std::move(entry), options.strict); !added)
            return added;
    }
    if (!options.profile)
        return {};
    const QString profile = u"%1/%2.config.toml"_s.arg(home.config, *options.profile);
    if (!QFileInfo::exists(profile))
        return fail(Error::Kind::NotFound, u"profile `%1`: there is no file %2"_s.arg(*options.profile, profile));
    return addFile(layers, profile, LayerKind::Profile, options.strict);
}

/// What a project's file may say, laid over the rest; what it may not is a notice.
Result<> addProjectFile(Layers &layers, const QString &path, bool strict)
{
    auto entries = readLayer(path, LayerKind::Project);
    if (!entries)
        return std::unexpected(entries.error());
    QStringList named;
    for (Entry &entry : *entries) {
        const KeyMatch match = matchKey(entry.path);
        if (match.key && !match.expectsScalar) {
            if (const auto fine = checkValue(*match.key, entry); !fine)
                return fine;
            const Entry *before = find(layers.entries, entry.path);
            if (!mayProjectSet(*match.key, before ? &before->value : nullptr, entry.value)) {
                layers.notices +=
                    u"%1: `%2` is ignored: a project's own settings may only be stricter than yours"_s.arg(
                        entry.origin.text(), entry.key());
                continue;
            }
            if (match.key->inProject == InProject::Named)
                named += u'`' + dottedKey(entry.path.first(std::min(entry.path.size(), qsizetype(2)))) + u'`';
        }
        if (const auto added = addEntry(layers, std::move(entry), strict); !added)
            return added;
    }
    named.removeDuplicates();
    if (!named.isEmpty())
        layers.startupLines += u"The trusted project file %1 sets %2"_s.arg(path, named.join(u", "));
    return {};
}

/// Those of a project that is not trusted are named, and run only for who says so.
Result<> addUntrustedHooks(Layers &layers, const QStringList &files, const LoadOptions &options)
{
    const QString fence = fenceOf(layers.projectRoot, false);
    for (const QString &file : files) {
        const QString beside = QFileInfo(file).path() + u"/hooks.json"_s;
        if (leadsOut(file, fence) || leadsOut(beside, fence)) {
            warnOfLink(leadsOut(file, fence) ? file : beside, fence);
            continue;
        }
        const auto entries = readLayer(file, LayerKind::Project);
        for (const Entry &entry : entries.value_or(std::vector<Entry>())) {
            if (!isHooks(entry))
                continue;
            if (options.bypassHookTrust) {
                if (const auto added = addEntry(layers, entry, options.strict); !added)
                    return added;
            }
            layers.notices += (options.bypassHookTrust ? u"%1: `%2` runs although the project is not trusted"_s
                                                       : u"%1: `%2` is skipped: the project is not trusted"_s)
                                  .arg(entry.origin.source, entry.key());
        }
    }
    return {};
}

/// Where the project is, and whether its settings count, is decided by what the layers below and -c say.
Result<> addProject(Layers &layers, const LoadOptions &options, const std::vector<Entry> &overrides)
{
    std::vector<Entry> known = layers.entries;
    for (const Entry &entry : overrides)
        overlay(known, entry);
    const Entry *markers = find(known, {u"project_root_markers"_s});
    layers.projectRoot = projectRoot(options.cwd, markers ? markers->value.strings() : QStringList{u".git"_s});
    layers.trustedProject = options.trust || isTrusted(known, options.cwd, layers.projectRoot);
    QStringList files = projectFiles(options.cwd, layers.projectRoot);
    if (files.isEmpty())
        return {};
    if (!layers.trustedProject) {
        if (const auto hooks = addUntrustedHooks(layers, files, options); !hooks)
            return hooks;
        layers.startupLines +=
            u"The settings in %1 are ignored: the project is not trusted. Run once with --trust, or set "
            "trust_level = \"trusted\" under [projects.\"%2\"]"_s.arg(files.join(u", "), layers.projectRoot);
        return {};
    }
    for (const QString &file : files) {
        if (const auto added = addProjectFile(layers, file, options.strict); !added)
            return added;
    }
    return {};
}

Result<> addEnvironment(Layers &layers, const LoadOptions &options)
{
    const auto add = [&](const QString &key, std::initializer_list<QString> variables) -> Result<> {
        for (const QString &variable : variables) {
            if (const QString value = options.environment.value(variable); !value.isEmpty())
                return addEntry(layers, {{key}, {value}, {LayerKind::Environment, variable}, options.cwd},
                                options.strict);
        }
        return {};
    };
    return add(u"openai_base_url"_s, {u"OPENAI_BASE_URL"_s}).and_then([&] {
        return add(u"ca_file"_s, {u"NIGHTSHIFT_CA_FILE"_s, u"CODEX_CA_CERTIFICATE"_s, u"SSL_CERT_FILE"_s});
    });
}

Result<> addOverrides(Layers &layers, const LoadOptions &options, const std::vector<Entry> &overrides)
{
    for (Entry entry : overrides) {
        if (const auto added = addEntry(layers, std::move(entry), options.strict); !added)
            return added;
    }
    for (const auto &[names, enabled] : {std::pair(options.enable, true), std::pair(options.disable, false)}) {
        for (const QString &name : names) {
            auto entry = featureOverride(name, enabled);
            if (!entry)
                return std::unexpected(entry.error());
            overlay(layers.entries, *std::move(entry));
        }
    }
    return {};
}

} // namespace

Result<> addEntry(Layers &layers, Entry entry, bool strict)
{
    const KeyMatch match = matchKey(entry.path);
    const QString place = entry.origin.text();
    if (match.ignored)
        return {};
    if (match.expectsScalar) {
        const QString key = dottedKey(entry.path.first(QByteArrayView(match.key->key).count('.') + 1));
        return fail(Error::Kind::Invalid,
                    u"%1: `%2` is a table, expected %3"_s.arg(place, key, expectation(*match.key)));
    }
    if (match.expectsTable && entry.value.table())
        return {}; // an empty table
    if (match.expectsTable)
        return fail(Error::Kind::Invalid,
                    u"%1: `%2` is %3, expected a table"_s.arg(place, entry.key(), entry.value.typeName()));
    const bool unknownFeature = match.key && entry.path.first() == u"features"_s && !isKnownFeature(entry.path.last());
    if (!match.key || unknownFeature) {
        const QString key = dottedKey(match.key ? entry.path : match.unknown);
        if (strict)
            return fail(Error::Kind::Invalid, u"%1: unknown setting `%2`"_s.arg(place, key));
        const QString note = u"`%1` (%2)"_s.arg(key, place);
        if (!layers.unknown.contains(note))
            layers.unknown += note;
        return {};
    }
    if (const auto fine = checkValue(*match.key, entry); !fine)
        return fine;
    if (isHooks(entry)) // every layer has its own; a later one takes none away
        layers.entries.push_back(std::move(entry));
    else
        overlay(layers.entries, std::move(entry));
    return {};
}

Result<Layers> readLayers(const LoadOptions &options, const Home &home, const std::vector<Entry> &overrides)
{
    Layers layers;
    const QString &system = options.systemFolder;
    const auto read =
        addFile(layers, system + u"/config.toml"_s, LayerKind::System, options.strict)
            .and_then([&] { return options.ignoreUserConfig ? Result<>() : addUserFiles(layers, options, home); })
            .and_then([&] { return addProject(layers, options, overrides); })
            .and_then([&] { return addEnvironment(layers, options); })
            .and_then([&] { return addOverrides(layers, options, overrides); })
            .and_then([&] {
                return addFile(layers, system + u"/managed_config.toml"_s, LayerKind::Managed, options.strict);
            });
    if (!read)
        return std::unexpected(read.error());
    return layers;
}

} // namespace nightshift::config
