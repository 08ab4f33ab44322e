#include "app/promptsource.h"
#include <QTemporaryDir>
#include <QTest>
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::app;

using Target = decltype(ExecOptions::target);
using Outcome = Result<std::optional<QString>>;

class tst_PromptSource : public QObject
{
    Q_OBJECT

private slots:
    void decodes_data();
    void decodes();
    void plans_data();
    void plans();
    void joinsArgumentAndStdin_data();
    void joinsArgumentAndStdin();
    void limitsCharacters();
    void readsFilesAndPipes();
    void namesThePromptFileInErrors();
};

void tst_PromptSource::decodes_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("error");
    const auto good = [](const char *name, const QByteArray &bytes, const QString &text) {
        QTest::newRow(name) << bytes << text << QString();
    };
    const auto bad = [](const char *name, const QByteArray &bytes, const QString &error) {
        QTest::newRow(name) << bytes << QString() << error;
    };
    const QString utf8 = u"input is not valid UTF-8 (invalid byte at offset %1). Convert it to UTF-8 and retry, for "
                         "example with iconv."_s;
    const QString utf16 = u"input looked like UTF-16%1 but could not be decoded. Convert it to UTF-8 and retry."_s;
    const QString utf32 = u"input appears to be UTF-32%1. Convert it to UTF-8 and retry."_s;
    good("plain", "hi \n", u"hi \n"_s);
    good("empty", "", u""_s);
    good("UTF-8", "caf\xc3\xa9 \xf0\x9f\xa6\x89", u"café 🦉"_s);
    good("UTF-8 with mark", "\xef\xbb\xbfhi", u"hi"_s);
    good("zero bytes are characters", QByteArray("a\0b", 3), u"a\0b"_s);
    good("UTF-16LE", QByteArray("\xff\xfeh\0i\0", 6), u"hi"_s);
    good("UTF-16BE", QByteArray("\xfe\xff\0h\0i", 6), u"hi"_s);
    good("UTF-16LE with a pair", QByteArray("\xff\xfe\x3e\xd8\x89\xdd", 6), u"🦉"_s);
    bad("stray continuation", "\xc2(", utf8.arg(0));
    bad("later on", "hi\xc3(", utf8.arg(2));
    bad("counted from the mark", "\xef\xbb\xbfhi\xff", utf8.arg(5));
    bad("cut at the end", "hi\xe2\x82", utf8.arg(2));
    bad("overlong", "\xc0\xaf", utf8.arg(0));
    bad("surrogate", "\xed\xa0\x80", utf8.arg(0));
    bad("beyond Unicode", "\xf4\x90\x80\x80", utf8.arg(0));
    bad("odd UTF-16LE", "\xff\xfeh", utf16.arg(u"LE"_s));
    bad("half a pair", QByteArray("\xff\xfe\0\xd8h\0", 6), utf16.arg(u"LE"_s));
    bad("UTF-32LE", QByteArray("\xff\xfe\0\0h\0\0\0", 8), utf32.arg(u"LE"_s));
    bad("UTF-32BE", QByteArray("\0\0\xfe\xff\0\0\0h", 8), utf32.arg(u"BE"_s));
}

void tst_PromptSource::decodes()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, text);
    QFETCH(QString, error);
    const auto decoded = textFromBytes(bytes);
    QCOMPARE(decoded ? QString() : decoded.error().message, error);
    QCOMPARE(decoded.value_or(QString()), text);
}

void tst_PromptSource::plans_data()
{
    QTest::addColumn<Target>("target");
    QTest::addColumn<std::optional<QString>>("prompt");
    QTest::addColumn<bool>("terminal");
    QTest::addColumn<Result<PromptPlan>>("plan");
    using Stdin = PromptPlan::Stdin;
    using Prompt = std::optional<QString>;
    const Prompt none, text = u"text"_s, dash = u"-"_s, empty = u""_s;
    const Target fresh, resume = ResumeTarget{}, fork = ForkTarget{}, review = ReviewTarget{};
    const auto row = [](const char *name, const Target &target, const Prompt &prompt, bool terminal,
                        const Result<PromptPlan> &plan) {
        QTest::newRow(name) << target << prompt << terminal << plan;
    };
    const auto notice = "Reading prompt from stdin..."_L1;
    const auto additional = "Reading additional input from stdin..."_L1;
    const auto nothing =
        fail(Error::Kind::Invalid,
             u"No prompt provided. Either specify one as an argument or pipe the prompt into stdin."_s);

    row("text, terminal", fresh, text, true, PromptPlan{Stdin::Ignored, text, {}});
    row("text, pipe", fresh, text, false, PromptPlan{Stdin::Appended, text, additional});
    row("empty text, pipe", fresh, empty, false, PromptPlan{Stdin::Appended, empty, additional});
    row("none, terminal", fresh, none, true, nothing);
    row("none, pipe", fresh, none, false, PromptPlan{Stdin::IsPrompt, {}, notice});
    row("dash, terminal", fresh, dash, true, PromptPlan{Stdin::IsPrompt, {}, {}});
    row("dash, pipe", fresh, dash, false, PromptPlan{Stdin::IsPrompt, {}, {}});
    row("resume, text, pipe", resume, text, false, PromptPlan{Stdin::Ignored, text, {}});
    row("resume, none, pipe", resume, none, false, PromptPlan{Stdin::IsPrompt, {}, notice});
    row("resume, none, terminal", resume, none, true, nothing);
    row("resume, dash", resume, dash, false, PromptPlan{Stdin::IsPrompt, {}, {}});
    row("fork, none, pipe", fork, none, false, PromptPlan{});
    row("fork, text, pipe", fork, text, false, PromptPlan{Stdin::Ignored, text, {}});
    row("fork, dash", fork, dash, false, PromptPlan{Stdin::IsPrompt, {}, {}});
    row("review, none, pipe", review, none, false, PromptPlan{});
    row("review, dash", review, dash, false, PromptPlan{Stdin::IsPrompt, {}, {}});
}

void tst_PromptSource::plans()
{
    QFETCH(Target, target);
    QFETCH(std::optional<QString>, prompt);
    QFETCH(bool, terminal);
    QFETCH(Result<PromptPlan>, plan);
    ExecOptions options;
    options.target = target;
    options.prompt = prompt;
    QVERIFY(planPrompt(options, {}, terminal) == plan);

    if (prompt == u"text"_s) { // a prompt file is a prompt like any other
        options.prompt.reset();
        QVERIFY(planPrompt(options, prompt, terminal) == plan);
    }
}

void tst_PromptSource::joinsArgumentAndStdin_data()
{
    QTest::addColumn<std::optional<QString>>("text");
    QTest::addColumn<QByteArray>("piped");
    QTest::addColumn<Outcome>("prompt");
    using Prompt = std::optional<QString>;
    const auto row = [](const char *name, const Prompt &text, const QByteArray &piped, const Outcome &prompt) {
        QTest::newRow(name) << text << piped << prompt;
    };
    const auto error = [](const QString &message) { return fail(Error::Kind::Invalid, message); };
    row("both", u"Sum up"_s, "log\n", Prompt(u"Sum up\n\n<stdin>\nlog\n</stdin>"_s));
    row("both, no line end", u"Sum up"_s, "log", Prompt(u"Sum up\n\n<stdin>\nlog\n</stdin>"_s));
    row("blank stdin", u"Sum up"_s, " \n", Prompt(u"Sum up"_s));
    row("empty text", u""_s, "", Prompt(u""_s));
    row("only stdin, verbatim", {}, "  do it\n", Prompt(u"  do it\n"_s));
    row("nothing at all", {}, "", error(u"No prompt provided via stdin."_s));
    row("blank", {}, " \n\t", error(u"No prompt provided via stdin."_s));
    row("not text", u"Sum up"_s, "\xff",
        error(u"Failed to read prompt from stdin: input is not valid UTF-8 (invalid byte at offset 0). Convert it to "
              "UTF-8 and retry, for example with iconv."_s));
}

void tst_PromptSource::joinsArgumentAndStdin()
{
    QFETCH(std::optional<QString>, text);
    QFETCH(QByteArray, piped);
    QFETCH(Outcome, prompt);
    const auto from = text ? PromptPlan::Stdin::Appended : PromptPlan::Stdin::IsPrompt;
    QVERIFY(finishPrompt({from, text, {}}, piped) == prompt);
}

void tst_PromptSource::limitsCharacters()
{
    const QString owls = u"🦉"_s.repeated(maxPromptCharacters);
    const PromptPlan plan{PromptPlan::Stdin::IsPrompt, {}, {}};
    QVERIFY(finishPrompt(plan, owls.toUtf8()) == Outcome(owls));
    const auto refusal =
        Outcome(fail(Error::Kind::Invalid, u"Input exceeds the maximum length of 1048576 characters."_s));
    QVERIFY(finishPrompt(plan, owls.toUtf8() + "x") == refusal);
    QVERIFY(finishPrompt(plan, QByteArray(8 << 20, 'x')) == refusal);
    QVERIFY(finishPrompt({PromptPlan::Stdin::Ignored, owls + u'x', {}}, {}) == refusal);
}

void tst_PromptSource::readsFilesAndPipes()
{
    int ends[2];
    QCOMPARE(pipe(ends), 0);
    QCOMPARE(write(ends[1], "piped", 5), 5);
    close(ends[1]);
    QStringList notices;
    ExecOptions options;
    options.prompt = u"Sum up"_s;
    const auto prompt = readPrompt(options, ends[0], [&](QLatin1StringView line) { notices += line; });
    close(ends[0]);
    QVERIFY(prompt == Outcome(u"Sum up\n\n<stdin>\npiped\n</stdin>"_s));
    QCOMPARE(notices, QStringList(u"Reading additional input from stdin..."_s));

    const QTemporaryDir dir;
    QFile file(dir.filePath(u"task.md"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("\xef\xbb\xbf# Task\n");
    file.close();
    options.prompt.reset();
    options.promptFile = file.fileName();
    const int null = open("/dev/null", O_RDONLY);
    QVERIFY(readPrompt(options, null, [](QLatin1StringView) {}) == Outcome(u"# Task\n"_s));
    close(null);
}

void tst_PromptSource::namesThePromptFileInErrors()
{
    ExecOptions options;
    options.promptFile = u"/nowhere/task.md"_s;
    const auto prompt = readPrompt(options, 0, [](QLatin1StringView) {});
    QCOMPARE(prompt.error().message, u"Failed to read prompt file /nowhere/task.md: No such file or directory"_s);
}

QTEST_APPLESS_MAIN(tst_PromptSource)
#include "tst_promptsource.moc"
