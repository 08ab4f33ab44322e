#include "program/optioncases.h"
#include "support/program.h"
#include <QFileInfo>
#include <QTest>
#include <algorithm>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::app;
using namespace nightshift::test;

namespace {

/// "--model" of "--model=other" and of "--model|other".
QByteArray nameOf(const OptionCase &row)
{
    return QByteArray(row.option).replace('=', '|').split('|').constFirst();
}

/// Where the program's own table accepts it.
QByteArray acceptedPlaces(const OptionRow &option)
{
    QByteArray accepted;
    for (const auto &place : places) {
        if (isAccepted(option, place.command))
            accepted += place.letter;
    }
    return accepted;
}

QByteArray lineOf(const auto &place, QByteArray option, bool alone)
{
    QByteArray line = QByteArray(place.line).replace("{}", option);
    return alone ? line : line + place.rest;
}

struct Outcome
{
    Ended ended;
    QByteArray request; ///< The body of the last one; empty without any.
    bool logged = false;
    QByteArray all() const { return ended.out + "--- stderr\n" + ended.err + "--- request\n" + request.right(2000); }
};

} // namespace

/// Every option in every place, each a run of the built program. Written down apart from the program's own table,
/// because clients rely on it.
class tst_Options : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void listsEveryOption();
    void takesEachOptionInItsPlaces_data();
    void takesEachOptionInItsPlaces();
    void refusesWhatExcludesEachOther_data();
    void refusesWhatExcludesEachOther();
    void endsWholeLinesAsTheyShould_data();
    void endsWholeLinesAsTheyShould();

private:
    void startSession();
    Outcome run(const QByteArray &line);
    QByteArray effectProblem(const OptionCase &row, const Outcome &outcome) const;
    qint64 logBytes() const;

    std::unique_ptr<Program> m_program;
    QByteArray m_id; ///< Of a session to resume and fork.
};

void tst_Options::initTestCase()
{
    m_program = std::make_unique<Program>();
    Program &program = *m_program;
    const QByteArray delta = R"({"type":"response.output_text.delta","item_id":"msg_1","output_index":0,)"
                             R"("content_index":0,"delta":"{"})";
    program.server.otherwise = ScriptedServer::Answer{
        .body = sse::stream({sse::created(), delta, sse::message("msg_1", R"({"a":"b"})"), sse::completed()})};
    program.server.pieceSize = 4096;
    program.write(u"../state/work.config.toml"_s, "model = \"of-the-profile\"\n");
    program.write(u"../state/config.toml"_s, program.read(u"../state/config.toml"_s) +
                                                 "[models.\"gpt-5.5\"]\nprice = { input = 1, output = 1 }\n");
    program.write(u"below/file"_s, "text\n");
    program.write(u"prompt.md"_s, "of the file");
    program.write(u"list.json"_s, "[]");
    program.write(u"schema.json"_s, R"({"type":"object","properties":{"a":{"type":"string"}},)"
                                    R"("required":["a"],"additionalProperties":false})");
    program.write(u"p.png"_s, QByteArray::fromBase64("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBg"
                                                     "AAAABQABpfZFQAAAAABJRU5ErkJggg=="));
    for (const QStringList &arguments :
         {QStringList{u"add"_s, u"-A"_s},
          {u"-c"_s, u"user.name=n"_s, u"-c"_s, u"user.email=e"_s, u"commit"_s, u"-qm"_s, u"first"_s}})
        QProcess::execute(u"git"_s, QStringList{u"-C"_s, program.work()} + arguments);
    startSession();
}

void tst_Options::startSession()
{
    const Ended first = m_program->run({u"exec"_s, u"--json"_s, u"first"_s});
    QVERIFY2(first.exitCode == 0, first.out + first.err);
    m_id = JsonDocument::parse(first.out.split('\n').constFirst())->root()["thread_id"].utf8().toByteArray();
}

void tst_Options::listsEveryOption()
{
    for (const OptionRow &option : optionTable()) {
        const QByteArray accepted = acceptedPlaces(option);
        if (accepted.isEmpty())
            continue; // of another command
        QByteArrayList names{QByteArray("--") + option.name};
        if (option.letter)
            names += QByteArray("-") + option.letter;
        if (option.aliases)
            names += "--" + QByteArray(option.aliases);
        for (const QByteArray &name : std::as_const(names)) {
            const auto row = std::ranges::find(optionCases, name, nameOf);
            QVERIFY2(row != std::end(optionCases), name + " is in no row");
            QVERIFY2(QByteArray(row->places).toLower() == accepted,
                     name + " stands in " + accepted + " by the program's own table");
        }
    }
}

qint64 tst_Options::logBytes() const
{
    qint64 bytes = 0;
    for (const QString &log : m_program->logs())
        bytes += QFileInfo(log).size();
    return bytes;
}

Outcome tst_Options::run(const QByteArray &line)
{
    QStringList words;
    for (const QByteArray &word : line.split('|'))
        words += QString::fromUtf8(word == "ID" ? m_id : word);
    const size_t requests = m_program->server.requests().size();
    const qint64 bytes = logBytes();
    Outcome outcome{.ended = m_program->run(words)};
    if (m_program->server.requests().size() > requests)
        outcome.request = m_program->server.requests().back().body;
    outcome.logged = logBytes() != bytes;
    return outcome;
}

void tst_Options::takesEachOptionInItsPlaces_data()
{
    QTest::addColumn<const OptionCase *>("row");
    for (const OptionCase &row : optionCases)
        QTest::newRow(row.option) << &row;
}

/// Why the outcome is not that of an option in a place where it may not stand; empty when it is.
static QByteArray refusalProblem(const OptionCase &row, char place, const Outcome &outcome)
{
    const bool isKnown = QByteArrayView(row.places).contains(QChar(QLatin1Char(place)).toUpper().toLatin1());
    if (outcome.ended.exitCode != (isKnown ? 1 : 2))
        return "it is accepted";
    if (!outcome.ended.err.contains(nameOf(row)))
        return "it is not named";
    return outcome.ended.out.isEmpty() && outcome.request.isEmpty() && !outcome.logged ? "" : "something happened";
}

/// Why the outcome does not show the option's effect; empty when it does.
QByteArray tst_Options::effectProblem(const OptionCase &row, const Outcome &outcome) const
{
    const Ended &ended = outcome.ended;
    const QByteArray text = QByteArray(row.text).replace("ID", m_id);
    if (ended.exitCode != (row.seen == Seen::Fails ? 1 : 0))
        return "exit code " + QByteArray::number(ended.exitCode);
    switch (row.seen) {
    case Seen::Request:
        return outcome.request.contains(text) ? "" : "the request lacks it";
    case Seen::Out:
        return ended.out.contains(text) ? "" : "stdout lacks it";
    case Seen::Err:
        return ended.err.contains(text) ? "" : "stderr lacks it";
    case Seen::Fails:
        return ended.err.contains(text) && outcome.request.isEmpty() && !outcome.logged ? "" : "it fails otherwise";
    case Seen::NoLog:
        return outcome.logged ? "it was recorded" : "";
    case Seen::File:
        return m_program->read(QString::fromUtf8(text.left(text.indexOf('='))))
                       .contains(text.mid(text.indexOf('=') + 1))
                   ? ""
                   : "the file lacks it";
    case Seen::Nothing:
        return "";
    }
    return "";
}

void tst_Options::takesEachOptionInItsPlaces()
{
    QFETCH(const OptionCase *, row);
    startSession(); // others may have moved theirs into a tree of its own
    for (const auto &place : places) {
        QFile::remove(m_program->work() + u"/last.txt"_s);
        QFile::remove(m_program->work() + u"/made.patch"_s);
        const QByteArray line = lineOf(place, row->option, row->alone);
        const Outcome outcome = run(line);
        const QByteArray problem = QByteArrayView(row->places).contains(place.letter)
                                       ? effectProblem(*row, outcome)
                                       : refusalProblem(*row, place.letter, outcome);
        if (!problem.isEmpty())
            QTest::qFail((line + ": " + problem + '\n' + outcome.all()).constData(), __FILE__, __LINE__);
    }
}

void tst_Options::refusesWhatExcludesEachOther_data()
{
    QTest::addColumn<const ConflictCase *>("row");
    for (const ConflictCase &row : conflictCases)
        QTest::addRow("%s, %s", row.one, row.other) << &row;
}

void tst_Options::refusesWhatExcludesEachOther()
{
    QFETCH(const ConflictCase *, row);
    QByteArrayList lines;
    const auto both = [&](const char *before, const char *between, const char *behind) {
        for (const auto &[first, second] : {std::pair(row->one, row->other), std::pair(row->other, row->one)})
            lines += QByteArray(before) + first + '|' + between + second + behind;
    };
    const QByteArrayView where = row->places;
    if (where.contains('o')) {
        both("", "", "|exec|p");
        both("", "exec|", "|p");
    }
    if (where.contains('e'))
        both("exec|", "", "");
    if (where.contains('r'))
        both("exec|resume|ID|", "", "");
    if (where.contains('f'))
        both("exec|fork|ID|", "", "");
    if (where.contains('v'))
        both("exec|review|", "", "");
    if (where.contains('e'))
        both("exec|", "resume|ID|", "");
    for (const QByteArray &line : std::as_const(lines)) {
        const Outcome outcome = run(line);
        QVERIFY2(outcome.ended.exitCode == 2 && outcome.request.isEmpty(), line + '\n' + outcome.all());
        QVERIFY2(outcome.ended.err.contains(row->message), line + '\n' + outcome.all());
    }
}

void tst_Options::endsWholeLinesAsTheyShould_data()
{
    QTest::addColumn<const LineCase *>("row");
    for (const LineCase &row : lineCases)
        QTest::newRow(row.line) << &row;
}

void tst_Options::endsWholeLinesAsTheyShould()
{
    QFETCH(const LineCase *, row);
    const Outcome outcome = run(row->line);
    QVERIFY2(outcome.ended.exitCode == row->exitCode, outcome.all());
    const QByteArray &shown = row->seen == Seen::Request ? outcome.request
                              : row->seen == Seen::Out   ? outcome.ended.out
                                                         : outcome.ended.err;
    QVERIFY2(shown.contains(row->text), outcome.all() + outcome.request.right(4000));
    if (row->exitCode != 0)
        QVERIFY(outcome.request.isEmpty() && !outcome.logged);
}

QTEST_GUILESS_MAIN(tst_Options)
#include "tst_options.moc"
