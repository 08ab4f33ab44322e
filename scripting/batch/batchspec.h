#pragma once
#include "batch/options.h"
#include "batch/texttemplate.h"

namespace nightshift::batch {

/// A batch as data: the JSON of POST /v1/batches, of batch() in scripts, and of what lies beside a journal so that
/// whoever finds it can go on with the batch.
struct BatchSpec
{
    struct Item
    {
        QString key;    ///< Empty: from its variables, else made up.
        RawJson vars;   ///< An object. What it says of itself counts before what the batch says:
        QString prompt; ///< a template; empty: the batch's.
        std::optional<QStringList> check;
        std::optional<QStringList> inputs;
        bool operator==(const Item &) const = default;
    };
    enum class OnLimit { Stop, Pause }; ///< Pause: it waits for its limit to be raised.

    QString name;
    std::vector<Item> items;
    QString prompt;         ///< A template; {{name}} is a member of an item's `vars`.
    QString key;            ///< A template of keys.
    Options session;        ///< What all items share; with `check`, whose words are templates, and `retries`.
    Limits limits;          ///< Of all items together.
    qint64 concurrency = 0; ///< 0: as the server bears.
    std::optional<qint64> maxFailures;
    OnLimit onLimit = OnLimit::Stop;
    QString webhook; ///< The id of one that is told.
    QString script;  ///< Source, instead of items and prompt,
    RawJson args;    ///< and its arguments, an object.
    bool operator==(const BatchSpec &) const = default;

    bool isScript() const { return !script.isEmpty(); }
};

/// Invalid names the member as a JSON pointer: "/limits/cost_usd: expected a number above 0".
Result<BatchSpec> batchSpecFromJson(JsonView object);
/// Which batchSpecFromJson() reads as the same again.
RawJson toJson(const BatchSpec &spec);

/// The items, their templates filled, in order. Keys may be empty and do not repeat. {{file:PATH}} is what `read`
/// makes of it, and an error where that is null. Errors name the item: "/items/3: …".
Result<std::vector<Options>> itemsOf(const BatchSpec &spec, const ReadInput &read = {});

/// `text` as a template that stands for itself.
QString asTemplate(QString text);

} // namespace nightshift::batch
