#include "host/turnask.h"
#include "engine/inputfile.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::host {

namespace {

using WhenBusy = TurnAsk::WhenBusy;

constexpr std::pair<QLatin1StringView, WhenBusy> words[]{{"queue"_L1, WhenBusy::Queue},
                                                         {"steer"_L1, WhenBusy::Steer},
                                                         {"replace"_L1, WhenBusy::Replace},
                                                         {"reject"_L1, WhenBusy::Reject}};

std::unexpected<Error> wrong(const QString &pointer, const QString &expected)
{
    return fail(Error::Kind::Invalid, u"%1: expected %2"_s.arg(pointer, expected));
}

} // namespace

Result<UserInput> userInputFromJson(JsonView input, const PathRules &rules)
{
    if (input.isString())
        return UserInput{.text = input.toString(), .images = {}};
    if (!input.isArray() || input.size() == 0)
        return wrong(u"/input"_s, u"a text, or a list of parts"_s);
    UserInput said;
    QStringList texts;
    for (qsizetype i = 0; i < input.size(); ++i) {
        const QByteArrayView type = input[i]["type"].utf8();
        const char *member = type == "text" ? "text" : "path";
        if (type != "text" && type != "image" && type != "file")
            return wrong(u"/input/%1/type"_s.arg(i), u"text, image or file"_s);
        if (!input[i][member].isString())
            return wrong(u"/input/%1/%2"_s.arg(i).arg(QLatin1StringView(member)), u"a text"_s);
        const QString value = input[i][member].toString();
        if (type == "text") {
            texts += value;
            continue;
        }
        const auto path = rules.input(value);
        if (!path)
            return std::unexpected(path.error());
        if (type == "image")
            said.images += *path;
        else
            texts += engine::inputFileText(value, *path);
    }
    said.text = texts.join(u"\n\n"_s);
    return said;
}

Result<TurnAsk> turnAskFromJson(JsonView call, const PathRules &rules)
{
    TurnAsk ask;
    auto input = userInputFromJson(call["input"], rules);
    if (!input)
        return std::unexpected(input.error());
    ask.input = std::move(*input);
    if (call["limits"].exists()) {
        const auto limits = batch::limitsFromJson(call["limits"], u"/limits"_s);
        if (!limits)
            return std::unexpected(limits.error());
        ask.limits = *limits;
    }
    if (call["schema"].isObject())
        ask.schema = call["schema"].raw();
    const QString word = call["when_busy"].toString(u"queue"_s);
    const auto known = std::ranges::find(words, word, &std::pair<QLatin1StringView, WhenBusy>::first);
    if (known == std::end(words))
        return wrong(u"/when_busy"_s, u"queue, steer, replace or reject"_s);
    ask.whenBusy = known->second;
    return ask;
}

} // namespace nightshift::host
