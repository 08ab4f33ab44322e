#include "metrics.h"
#include <QLocale>
#include <algorithm>
#include <cmath>

namespace nightshift::http {

namespace {

enum class Type { Counter, Gauge, Histogram };

struct Family
{
    Metric metric;
    const char *name;
    Type type;
    std::vector<const char *> labels;
    const char *help;
    std::vector<double> buckets = {};
};

const std::vector<Family> &families()
{
    using enum Metric;
    using enum Type;
    static const std::vector<double> turns{1, 5, 15, 60, 300, 900, 1800, 3600, 7200};
    static const std::vector<double> requests{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};
    static const std::vector<double> waits{1, 10, 60, 300, 1800, 3600, 14400, 86400};
    static const std::vector<double> appends{0.00001, 0.0001, 0.001, 0.01, 0.1, 1};
    static const std::vector<Family> table{
        {Sessions, "nightshift_sessions", Gauge, {"status"}, "Sessions that this process has open, by status."},
        {Turns, "nightshift_turns_total", Counter, {"outcome", "reason"}, "Turns that ended."},
        {TurnSeconds, "nightshift_turn_seconds", Histogram, {}, "How long turns took.", turns},
        {ModelRequests,
         "nightshift_model_requests_total",
         Counter,
         {"provider", "model", "status"},
         "Requests to models."},
        {ModelRequestSeconds,
         "nightshift_model_request_seconds",
         Histogram,
         {},
         "How long requests to models took.",
         requests},
        {ModelTtftSeconds,
         "nightshift_model_ttft_seconds",
         Histogram,
         {},
         "How long models took to begin their answer.",
         requests},
        {Tokens, "nightshift_tokens_total", Counter, {"model", "kind"}, "Tokens that models read and wrote."},
        {CostUsd, "nightshift_cost_usd_total", Counter, {"model"}, "US dollars spent, where prices are known."},
        {ToolCalls, "nightshift_tool_calls_total", Counter, {"tool", "result"}, "Tools that models called."},
        {ApprovalsPending, "nightshift_approvals_pending", Gauge, {}, "Approvals that wait for somebody."},
        {ApprovalWaitSeconds, "nightshift_approval_wait_seconds", Histogram, {}, "How long approvals waited.", waits},
        {QueueDepth, "nightshift_queue_depth", Gauge, {}, "Turns that wait for an earlier one of their session."},
        {RateLimitWaitSeconds,
         "nightshift_rate_limit_wait_seconds_total",
         Counter,
         {},
         "How long turns waited because a model's server asked for it."},
        {ConcurrencyLimit, "nightshift_concurrency_limit", Gauge, {}, "Requests to models that may run at once."},
        {SseStreams, "nightshift_sse_streams", Gauge, {}, "Event streams that are open."},
        {SseStalled, "nightshift_sse_stalled_total", Counter, {}, "Event streams whose client took nothing."},
        {WebhookDeliveries, "nightshift_webhook_deliveries_total", Counter, {"result"}, "Webhooks that were sent."},
        {BatchItems, "nightshift_batch_items", Gauge, {"status"}, "Items of batches that run."},
        {EventAppendSeconds,
         "nightshift_event_append_seconds",
         Histogram,
         {},
         "How long it took to write an event to its log.",
         appends},
        {BuildInfo, "nightshift_build_info", Gauge, {"version"}, "1, with the version that runs."},
    };
    return table;
}

const Family &familyOf(Metric metric)
{
    return families()[size_t(metric)];
}

QByteArray number(double value)
{
    if (std::isnan(value))
        return "NaN";
    return value == std::floor(value) && std::abs(value) < 1e15 ? QByteArray::number(qint64(value))
                                                                : QByteArray::number(value, 'g', 15);
}

QByteArray escaped(QByteArray value)
{
    return value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
}

QByteArray labelText(const Family &family, const Metrics::Labels &values)
{
    QByteArrayList pairs;
    for (qsizetype i = 0; i < qsizetype(family.labels.size()); ++i)
        pairs += family.labels[size_t(i)] + QByteArray("=\"") + escaped(values.value(i)) + '"';
    return pairs.isEmpty() ? QByteArray() : '{' + pairs.join(',') + '}';
}

QByteArray heading(const QByteArray &name, const char *type, const char *help)
{
    return "# HELP " + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n';
}

constexpr size_t seriesAtMost = 500; // of one metric: who names models and tools is not always a friend

} // namespace

void Metrics::add(Metric metric, const Labels &labels, double by)
{
    auto &series = m_counters[metric];
    const bool full = series.size() >= seriesAtMost && !series.contains(labels);
    series[full ? Labels(labels.size(), "other") : labels] += by;
}

void Metrics::observe(Metric metric, double value)
{
    const std::vector<double> &buckets = familyOf(metric).buckets;
    Histogram &histogram = m_histograms[metric];
    histogram.counts.resize(buckets.size() + 1);
    ++histogram.counts[size_t(std::ranges::lower_bound(buckets, value) - buckets.begin())];
    histogram.sum += value;
}

void Metrics::watch(Metric gauge, Source source)
{
    m_sources[gauge] = std::move(source);
}

static QByteArray histogramText(const Family &family, std::vector<quint64> counts, double sum)
{
    const QByteArray name = family.name;
    counts.resize(family.buckets.size() + 1);
    QByteArray text;
    quint64 total = 0;
    for (size_t i = 0; i < counts.size(); ++i) {
        const QByteArray bound = i < family.buckets.size() ? number(family.buckets[i]) : QByteArray("+Inf");
        text += name + "_bucket{le=\"" + bound + "\"} " + QByteArray::number(total += counts[i]) + '\n';
    }
    return text + name + "_sum " + number(sum) + '\n' + name + "_count " + QByteArray::number(total) + '\n';
}

QByteArray Metrics::text() const
{
    QByteArray text;
    for (const Family &family : families()) {
        constexpr const char *types[] = {"counter", "gauge", "histogram"};
        text += heading(family.name, types[int(family.type)], family.help);
        std::map<Labels, double> values;
        if (const auto found = m_counters.find(family.metric); found != m_counters.end())
            values = found->second;
        else if (const auto source = m_sources.find(family.metric); source != m_sources.end())
            values = source->second();
        else if (family.labels.empty() && family.type == Type::Counter)
            values[{}] = 0; // so that a rate can be asked for before the first one
        for (const auto &[labels, value] : values)
            text += family.name + labelText(family, labels) + ' ' + number(value) + '\n';
        if (family.type == Type::Histogram) {
            const auto found = m_histograms.find(family.metric);
            const Histogram histogram = found == m_histograms.end() ? Histogram() : found->second;
            text += histogramText(family, histogram.counts, histogram.sum);
        }
    }
    return text + processMetrics();
}

} // namespace nightshift::http
