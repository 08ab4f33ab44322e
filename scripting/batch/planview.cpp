#include "planview.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

bool wouldAsk(const PreparedItem &item)
{
    return item.decision.step == Decision::Step::Run || item.decision.step == Decision::Step::Continue;
}

std::optional<qint64> tokens(const QString &text)
{
    const QString lower = text.trimmed().toLower();
    const double factor = lower.endsWith(u'k') ? 1e3 : lower.endsWith(u'm') ? 1e6 : 1;
    bool ok = false;
    const double number = (factor == 1 ? lower : lower.chopped(1)).toDouble(&ok) * factor;
    return ok && number >= 0 ? std::optional(qint64(number)) : std::nullopt;
}

/// What earlier items of this batch took, least and most; nothing when there were none.
std::optional<std::pair<Consumption, Consumption>> measured(const JournalUnion &known)
{
    std::optional<std::pair<Consumption, Consumption>> range;
    for (const QString &key : known.keys()) {
        const auto &done = known.find(key)->done;
        if (!done || done->result.usage.totalTokens() == 0)
            continue;
        const Consumption took{done->result.usage.inputTokens, done->result.usage.outputTokens};
        if (!range)
            range = {took, took};
        range->first = {std::min(range->first.input, took.input), std::min(range->first.output, took.output)};
        range->second = {std::max(range->second.input, took.input), std::max(range->second.output, took.output)};
    }
    return range;
}

double price(const Consumption &took, const ModelPrices &prices)
{
    return costOf({.inputTokens = took.input, .outputTokens = took.output}, prices);
}

} // namespace

Result<Consumption> parseConsumption(const QString &text)
{
    const auto input = tokens(text.section(u'/', 0, 0)), output = tokens(text.section(u'/', 1));
    if (input && output)
        return Consumption{*input, *output};
    return fail(Error::Kind::Usage, u"--assume %1: expected tokens in and out, as in 20k/2k"_s.arg(text));
}

Estimate estimateOf(const std::vector<PreparedItem> &items, const JournalUnion &known,
                    const std::optional<Consumption> &assumed)
{
    constexpr qint64 charactersAToken = 4; // of English prose and of code alike, roughly
    Estimate estimate;
    const auto range = assumed ? std::optional(std::pair(*assumed, *assumed)) : measured(known);
    double low = 0, high = 0;
    bool isPriced = range.has_value();
    for (const PreparedItem &item : items) {
        if (!wouldAsk(item))
            continue;
        ++estimate.items;
        estimate.promptTokens += (item.options.prompt.size() + charactersAToken - 1) / charactersAToken;
        isPriced = isPriced && item.settings.modelInfo.prices;
        if (!isPriced)
            continue;
        low += price(range->first, *item.settings.modelInfo.prices);
        high += price(range->second, *item.settings.modelInfo.prices);
    }
    if (isPriced) {
        estimate.lowUsd = low;
        estimate.highUsd = high;
    }
    return estimate;
}

QByteArray planText(const std::vector<PreparedItem> &items, const Estimate &estimate)
{
    QString text;
    qint64 done = 0;
    for (const PreparedItem &item : items) {
        const bool isDone = item.decision.state == Decision::State::Done;
        done += isDone;
        if (!isDone)
            text += u"%1  %2%3\n"_s.arg(stateName(item.decision.state), item.options.key,
                                        item.decision.why.isEmpty() ? u""_s : u": "_s + item.decision.why);
    }
    text += u"%1 of %2 are done; %3 would ask, with %4 tokens of prompts\n"_s.arg(done)
                .arg(items.size())
                .arg(estimate.items)
                .arg(estimate.promptTokens);
    if (estimate.lowUsd)
        text += u"between %1 and %2 USD\n"_s.arg(*estimate.lowUsd, 0, 'f', 2).arg(*estimate.highUsd, 0, 'f', 2);
    else if (estimate.items > 0)
        text += u"what they cost is not known yet; --assume 20k/2k says what an item takes\n"_s;
    return text.toUtf8();
}

RawJson planJson(const std::vector<PreparedItem> &items, const Estimate &estimate)
{
    std::vector<RawJson> rows;
    for (const PreparedItem &item : items)
        rows.push_back(json::object({{"key", item.options.key},
                                     {"fingerprint", item.fingerprint.hex},
                                     {"state", stateName(item.decision.state).toString()},
                                     {"why", item.decision.why},
                                     {"would_ask", wouldAsk(item)}}));
    return json::object({{"items", json::array(rows)},
                         {"would_ask", estimate.items},
                         {"prompt_tokens", estimate.promptTokens},
                         {"low_usd", estimate.lowUsd},
                         {"high_usd", estimate.highUsd}});
}

QStringList differences(const std::vector<PreparedItem> &one, const std::vector<PreparedItem> &other)
{
    QStringList lines;
    if (one.size() != other.size())
        lines += u"%1 items, then %2"_s.arg(one.size()).arg(other.size());
    for (size_t i = 0; i < std::min(one.size(), other.size()); ++i) {
        const QString why = whyChanged(one[i].fingerprint.parts, other[i].fingerprint.parts);
        if (!why.isEmpty())
            lines += one[i].options.key + u": "_s + why;
    }
    return lines;
}

} // namespace nightshift::batch
