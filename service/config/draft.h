#pragma once
#include "config/value.h"
#include "domain/settings.h"
#include <map>

namespace nightshift::config {

/// `model_providers.ID` as written, over a built-in one where --provider names that.
struct ProviderTable
{
    ProviderSettings settings;
    Secret bearerToken;                                  ///< experimental_bearer_token
    std::vector<std::pair<QString, QString>> envHeaders; ///< Header to variable.
    TokenCommand tokenCommand;                           ///< argv is filled in from the two below.
    QString authCommand;
    QStringList authArgs;
    bool requiresOpenAiAuth = false;
    bool hasRetryDeadline = false; ///< Else the top-level retry_deadline counts.
};

/// `mcp_servers.NAME` as written; the variables are looked up later.
struct McpServerTable
{
    McpServerSettings settings;
    std::vector<std::pair<QString, QString>> envHeaders;
    QStringList envVars;
    bool hasLiteralToken = false;
};

/// `models.NAME` as written: what is known of a model, over the catalogue.
struct ModelTable
{
    std::optional<qint64> contextWindow;
    std::optional<bool> images;
    std::optional<bool> freeformPatch;
    std::optional<bool> verbosity;
    std::optional<QString> reasoningEffort;
    std::optional<QString> defaultVerbosity;
    struct Prices
    {
        std::optional<double> input;
        std::optional<double> cachedInput;
        std::optional<double> cacheWrite;
        std::optional<double> output;
    } prices; ///< US dollars for a million tokens.
};

/// What the keys say, before what depends on several of them is worked out.
struct Draft
{
    Settings settings;
    QString model;
    QString modelProvider;
    QString ossProvider;
    QString openaiBaseUrl;
    QString modelCatalogFile;
    QString costSource; ///< See LoadedSettings.
    QString instructions;
    QString modelInstructionsFile;
    QString compactPromptFile;
    QString approvalPolicy;
    QString defaultPermissions;
    std::vector<Entry> permissions; ///< What stands below `permissions`.
    std::optional<std::chrono::milliseconds> retryDeadline;
    std::map<QString, ProviderTable> providers;
    std::map<QString, ModelTable> models;
    std::map<QString, McpServerTable> mcpServers;
};

} // namespace nightshift::config
