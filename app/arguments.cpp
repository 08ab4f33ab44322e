#include "arguments.h"
#include "app/help.h"
#include "app/values.h"
#include <QStringDecoder>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

using Value = OptionRow::Value;

/// How many letters must change to make one word of the other, for tips.
int distance(QStringView a, QStringView b)
{
    std::vector<int> row(size_t(b.size()) + 1);
    for (size_t j = 0; j < row.size(); ++j)
        row[j] = int(j);
    for (qsizetype i = 1; i <= a.size(); ++i) {
        int diagonal = std::exchange(row[0], int(i));
        for (size_t j = 1; j < row.size(); ++j) {
            const int changed = diagonal + (a[i - 1] != b[qsizetype(j) - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row.back();
}

QString similarOption(QStringView name, Command place)
{
    QString best;
    int bestDistance = std::max(2, int(name.size()) / 3) + 1; // further away is no typing mistake
    for (const OptionRow &row : optionTable()) {
        const QString candidate = QLatin1StringView(row.name);
        if (!isAccepted(row, place) || row.group == OptionRow::Group::Hidden)
            continue;
        if (const int far = distance(name, candidate); far < bestDistance) {
            bestDistance = far;
            best = candidate;
        }
    }
    return best;
}

class Reader
{
public:
    explicit Reader(const QStringList &words)
        : m_words(words)
    {}
    std::expected<Arguments, UsageError> read();

private:
    using Done = std::expected<void, UsageError>;

    Done readLong(const QString &word);
    Done readLetters(const QString &word);
    Done readWord(const QString &word);
    Done readHelp();
    Done accept(const OptionRow *option, const QString &name, const QString &word);
    Done store(const OptionRow &option, const QString &value);
    std::expected<QString, UsageError> nextValue(const OptionRow &option);
    bool takesRest() const { return commandRow(m_read.command).words == CommandRow::anyWords; }
    std::unexpected<UsageError> refuse(const QString &sentence) const;
    std::unexpected<UsageError> unexpectedWord(const QString &word, const QString &tip = {}) const;

    const QStringList &m_words;
    qsizetype m_next = 0;
    bool m_onlyWords = false; ///< "--" was read.
    Arguments m_read;
};

std::expected<Arguments, UsageError> Reader::read()
{
    while (m_next < m_words.size()) {
        const QString &word = m_words[m_next++];
        Done done;
        if (m_onlyWords)
            done = readWord(word);
        else if (word == "--"_L1)
            m_onlyWords = true;
        else if (word.startsWith("--"_L1))
            done = readLong(word);
        else if (word.size() > 1 && word.startsWith('-'_L1))
            done = readLetters(word);
        else
            done = readWord(word);
        if (!done)
            return std::unexpected(done.error());
        if (!m_read.given.empty() &&
            (m_read.given.back().option == Option::Help || m_read.given.back().option == Option::Version))
            break;
    }
    return m_read;
}

Reader::Done Reader::readLong(const QString &word)
{
    const qsizetype equals = word.indexOf('='_L1);
    const QString name = word.mid(2, equals < 0 ? -1 : equals - 2);
    const OptionRow *option = findOption(name, m_read.command);
    if (const Done known = accept(option, name, "--"_L1 + name); !known)
        return known;
    if (option->value == Value::None) {
        if (equals >= 0)
            return refuse("unexpected value '%1' for '%2' found; no more were expected"_L1.arg(word.mid(equals + 1),
                                                                                               shown(*option)));
        return store(*option, {});
    }
    if (equals >= 0)
        return store(*option, word.mid(equals + 1));
    if (option->value == Value::OptionalChoice)
        return store(*option, {});
    return nextValue(*option).and_then([&](const QString &value) { return store(*option, value); });
}

Reader::Done Reader::readLetters(const QString &word)
{
    for (qsizetype at = 1; at < word.size(); ++at) {
        const QString name = word.mid(at, 1);
        const OptionRow *option = findOption(word[at]);
        if (const Done known = accept(option, {}, '-'_L1 + name); !known)
            return known;
        if (option->value == Value::None) {
            if (const Done stored = store(*option, {}); !stored)
                return stored;
            continue;
        }
        QString attached = word.mid(at + 1); // -mNAME, -m=NAME
        if (attached.isEmpty())
            return nextValue(*option).and_then([&](const QString &value) { return store(*option, value); });
        return store(*option, attached.startsWith('='_L1) ? attached.mid(1) : attached);
    }
    return {};
}

Reader::Done Reader::readWord(const QString &word)
{
    const Command place = m_read.command;
    const CommandRow *sub = m_onlyWords || takesRest() ? nullptr : findCommand(place, word);
    if (sub && sub->command == Command::Help)
        return readHelp();
    if (sub) {
        m_read.command = sub->command;
        return {};
    }
    if (place == Command::Outer)
        return refuse(
            u"unrecognized subcommand '%1'\n\n  tip: a prompt comes after exec: nightshift exec \"…\""_s.arg(word));
    if (takesRest()) {
        m_onlyWords = true; // the rest belongs to the command that is run
    } else {
        const auto here = std::ranges::count(m_read.words, place, &Arguments::Word::place);
        if (here >= commandRow(place).words)
            return unexpectedWord(word);
    }
    m_read.words.push_back({place, word});
    return {};
}

/// `help exec resume` is `exec resume --help`.
Reader::Done Reader::readHelp()
{
    for (; m_next < m_words.size(); ++m_next) {
        const CommandRow *sub = findCommand(m_read.command, m_words[m_next]);
        if (!sub && takesRest())
            break; // its own commands have no help of their own
        if (!sub || sub->command == Command::Help)
            return refuse("unrecognized subcommand '%1'"_L1.arg(m_words[m_next]));
        m_read.command = sub->command;
    }
    return store(optionRow(Option::Help), {});
}

Reader::Done Reader::accept(const OptionRow *option, const QString &name, const QString &word)
{
    const Command place = m_read.command;
    if (option && isAccepted(*option, place))
        return {};
    if (option && place == Command::Outer && isAccepted(*option, Command::Exec))
        return unexpectedWord(word, "'exec %1' exists"_L1.arg(word));
    if (const QString similar = option ? QString() : similarOption(name, place); !name.isEmpty() && !similar.isEmpty())
        return unexpectedWord(word, "a similar argument exists: '--%1'"_L1.arg(similar));
    return unexpectedWord(word, "to pass '%1' as a value, use '-- %1'"_L1.arg(word));
}

Reader::Done Reader::store(const OptionRow &option, const QString &value)
{
    const Command place = m_read.command;
    if (option.repeat == OptionRow::Repeat::No) {
        for (const Arguments::Given &given : m_read.given) {
            if (given.option == option.option && given.place == place)
                return refuse("the argument '%1' cannot be used multiple times"_L1.arg(shown(option)));
        }
    }
    if (const auto wrong = whyInvalid(option, value))
        return refuse(*wrong);
    m_read.given.push_back({option.option, place, value});
    return {};
}

std::expected<QString, UsageError> Reader::nextValue(const OptionRow &option)
{
    // A word with a dash is an option, so that a forgotten value does not swallow the next one; --name=-x works.
    const QString next = m_words.value(m_next);
    if (m_next == m_words.size() || (next.size() > 1 && next.startsWith('-'_L1)))
        return refuse("a value is required for '%1' but none was supplied"_L1.arg(shown(option)));
    ++m_next;
    return next;
}

std::unexpected<UsageError> Reader::refuse(const QString &sentence) const
{
    return std::unexpected(usageError(sentence, m_read.command));
}

std::unexpected<UsageError> Reader::unexpectedWord(const QString &word, const QString &tip) const
{
    QString sentence = "unexpected argument '%1' found"_L1.arg(word);
    if (!tip.isEmpty())
        sentence += "\n\n  tip: "_L1 + tip;
    return refuse(sentence);
}

} // namespace

std::expected<Arguments, UsageError> readArguments(const QStringList &words)
{
    return Reader(words).read();
}

std::expected<QStringList, UsageError> argumentWords(int argc, const char *const *argv)
{
    QStringList words;
    for (int i = 1; i < argc; ++i) {
        QStringDecoder decode(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
        const QString word = decode(QByteArrayView(argv[i]));
        if (decode.hasError())
            return std::unexpected(
                usageError("argument %1 is not valid UTF-8: %2"_L1.arg(QString::number(i), word), Command::Outer));
        words += word;
    }
    return words;
}

UsageError usageError(const QString &sentence, Command command)
{
    return {"error: "_L1 + sentence + "\n\n"_L1 + usageLines(command) + "\n\nFor more information, try '--help'."_L1};
}

} // namespace nightshift::app
