#pragma once
#include <QByteArrayList>
#include <functional>
#include <map>
#include <vector>

namespace nightshift::http {

/// What the service counts and measures. The names, labels and buckets stand in one table in metrics.cpp.
enum class Metric {
    Sessions,            ///< {status}
    Turns,               ///< {outcome, reason}
    TurnSeconds,         ///< histogram
    ModelRequests,       ///< {provider, model, status}
    ModelRequestSeconds, ///< histogram
    ModelTtftSeconds,    ///< histogram: from a request to the first thing of its answer
    Tokens,              ///< {model, kind}: input, cached_input, output, reasoning_output
    CostUsd,             ///< {model}
    ToolCalls,           ///< {tool, result}: ok, failed, denied
    ApprovalsPending,
    ApprovalWaitSeconds, ///< histogram
    QueueDepth,          ///< turns that wait for an earlier one
    RateLimitWaitSeconds,
    ConcurrencyLimit,
    SseStreams,
    SseStalled,         ///< streams whose client took nothing until its time was over
    WebhookDeliveries,  ///< {result}: delivered, failed, disabled
    BatchItems,         ///< {status}
    EventAppendSeconds, ///< histogram
    BuildInfo,          ///< {version}
};

/// Numbers, and their text for Prometheus. Labels are words of ours and names of models, tools and providers, never
/// ids or what people wrote; a metric that gets too many different ones puts the rest together as "other".
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats
class Metrics
{
public:
    using Labels = QByteArrayList; ///< The values, in the order of the table.

    /// Of a counter.
    void add(Metric metric, const Labels &labels = {}, double by = 1);
    /// Of a histogram.
    void observe(Metric metric, double value);
    /// Where the values of a gauge come from when somebody looks.
    using Source = std::function<std::map<Labels, double>()>;
    void watch(Metric gauge, Source source);

    QByteArray text() const;

private:
    struct Histogram
    {
        std::vector<quint64> counts; ///< By bucket, the last one without bound.
        double sum = 0;
    };
    std::map<Metric, std::map<Labels, double>> m_counters;
    std::map<Metric, Histogram> m_histograms;
    std::map<Metric, Source> m_sources;
};

/// What the kernel says of this process, as every exporter names it.
QByteArray processMetrics();

} // namespace nightshift::http
