#include "base/jsonreader.h"
#include "support/filetree.h"
#include "tools/patchtool.h"
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;
using namespace nightshift::tools;
using Mode = SandboxPolicy::Mode;

/// Whole patches through the tool and the real helper.
class tst_PatchTool : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();

    void doesWhatTheReferenceDoes_data();
    void doesWhatTheReferenceDoes();
    void tellsEveryChange();
    void tellsOneChangeForAPath();
    void keepsTheModeOfAMovedFile();
    void deletesABinaryFile();
    void keepsAFileThatIsMovedOntoALinkToIt();
    void carriesOutSeveralPatchesInOrder();
    void takesEitherShapeOfCall_data();
    void takesEitherShapeOfCall();
    void answersArgumentsItCannotRead();
    void writesOnlyWhereThePolicyAllows_data();
    void writesOnlyWhereThePolicyAllows();
    void isStoppedByTheSandboxBehindALink();
    void writesAPatchFromTheShell();
    void refusesABarePatchFromTheShell();
    void answersACanceledCall();
    void describesItself();

private:
    void setUp(Mode mode, const QString &cwd, PatchTool::Shape shape = PatchTool::Shape::Freeform);
    /// Runs one job to its end; returns the answer's text.
    QString answer(ToolJob *job);
    QString apply(const QString &patch)
    {
        return answer(m_tool->start({.id = u"c1"_s, .arguments = patch.toUtf8()}, this));
    }
    QString root() const { return m_root; }

    std::optional<QTemporaryDir> m_dir;
    QString m_root;
    std::optional<Sandbox> m_sandbox;
    std::optional<PatchTool> m_tool;
    std::vector<Event> m_told;
};

void tst_PatchTool::initTestCase()
{
    qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
}

void tst_PatchTool::init()
{
    m_dir.emplace();
    m_root = QFileInfo(m_dir->path()).canonicalFilePath();
    setUp(Mode::DangerFullAccess, m_root);
}

void tst_PatchTool::setUp(Mode mode, const QString &cwd, PatchTool::Shape shape)
{
    m_told.clear();
    Result<Sandbox> sandbox = Sandbox::prepare({.mode = mode, .excludeSlashTmp = true}, cwd, {});
    QVERIFY2(sandbox, sandbox ? "" : qPrintable(sandbox.error().message));
    m_sandbox = *std::move(sandbox);
    m_tool.emplace(*m_sandbox, cwd, shape, [this](const Event &event) { m_told.push_back(event); });
}

/// The text of an answer, with N for the wall time of the patch.
static QString textOf(const ToolAnswer &answer)
{
    const Result<JsonDocument> json = JsonDocument::parse(answer.output.text);
    QString text = json ? json->root().toString() : u"no JSON"_s;
    const QString head = u"Exit code: %1\nWall time: "_s.arg(text.contains(u"Exit code: 0") ? 0 : 1);
    const qsizetype start = text.indexOf(head);
    if (start < 0)
        return text;
    const qsizetype number = start + head.size();
    return text.replace(number, text.indexOf(u' ', number) - number, u"N"_s);
}

QString tst_PatchTool::answer(ToolJob *job)
{
    QSignalSpy finished(job, &ToolJob::finished);
    if (!finished.wait())
        return u"no answer"_s;
    job->deleteLater();
    return textOf(finished[0][0].value<ToolAnswer>());
}

static FileTree treeOf(JsonView described)
{
    FileTree tree;
    for (const auto &[name, entry] : described.members()) {
        if (entry.isString())
            tree[name] = entry.utf8().toByteArray();
        else if (entry["symlink"].exists())
            tree[name] = "-> " + entry["symlink"].utf8().toByteArray();
        else if (entry["hex"].exists())
            tree[name] = QByteArray::fromHex(entry["hex"].utf8().toByteArray());
        else if (entry["text"].exists())
            tree[name] = (entry["exec"].toBool() ? "x:" : "") + entry["text"].utf8().toByteArray();
        else
            tree[name] = "";
    }
    return tree;
}

static QString changesOf(const std::vector<FileChange> &changes)
{
    QStringList lines;
    for (const FileChange &change : changes) {
        const QStringList kinds{u"add"_s, u"delete"_s, u"update"_s};
        lines += kinds[int(change.kind)] + u' ' + change.path;
    }
    return lines.join(u'\n');
}

static QString changesOf(JsonView item)
{
    QStringList lines;
    for (const JsonView change : item["changes"].items())
        lines += change["kind"].toString() + u' ' + change["path"].toString();
    return lines.join(u'\n');
}

void tst_PatchTool::doesWhatTheReferenceDoes_data()
{
    QTest::addColumn<QByteArray>("vector");
    QFile file(QStringLiteral(TEST_DATA "/apply_patch.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const Result<JsonDocument> vectors = JsonDocument::parse(file.readAll());
    QVERIFY(vectors);
    for (const JsonView vector : vectors->root()["vectors"].items())
        QTest::newRow(vector["name"].utf8().data()) << vector.raw().text;
}

void tst_PatchTool::doesWhatTheReferenceDoes()
{
    QFETCH(QByteArray, vector);
    const Result<JsonDocument> document = JsonDocument::parse(vector.replace("$CWD", root().toUtf8()));
    const JsonView input = document->root();
    const JsonView expected = input["ours"].exists() ? input["ours"] : input["tool"];
    makeTree(root(), treeOf(input["input"]));

    const QString output = apply(input["patch"].toString());
    QCOMPARE(readTree(root()), treeOf(expected["tree"]));
    // We may say more, never less; and we know no numbers of operating system errors.
    const QString said = expected["output"].toString().remove(u" (os error 2)"_s);
    const QString start = said.endsWith(u'\n') && !said.contains(u"Success") ? said.chopped(1) : said;
    QCOMPARE(output.first(qMin(start.size(), output.size())), start);

    const auto &finished = std::get<PatchFinished>(m_told.back());
    const JsonView item = expected["event"][qsizetype(0)];
    QCOMPARE(finished.success, item["status"].utf8() == "completed");
    QCOMPARE(m_told.size(), item.exists() ? 2u : 1u); // a refusal is told as finished only
    if (item.exists()) {
        QCOMPARE(changesOf(finished.changes), changesOf(item));
        QVERIFY(std::get<PatchStarted>(m_told.front()).changes == finished.changes);
    }
}

void tst_PatchTool::tellsEveryChange()
{
    makeTree(root(), {{u"d"_s, "gone\n"}, {u"m"_s, "a\nb\n"}, {u"u"_s, "1\n2\n"}});
    apply(u"*** Begin Patch\n*** Update File: u\n@@\n-2\n+two\n*** Update File: m\n*** Move to: sub/n\n@@\n a\n"
          "*** Delete File: d\n*** Add File: a\n+new\n*** End Patch"_s);
    using Kind = FileChange::Kind;
    const std::vector<FileChange> changes{
        {.path = root() + u"/a"_s, .kind = Kind::Add, .content = u"new\n"_s},
        {.path = root() + u"/d"_s, .kind = Kind::Delete, .content = u"gone\n"_s},
        {.path = root() + u"/m"_s, .kind = Kind::Update, .movedTo = root() + u"/sub/n"_s},
        {.path = root() + u"/u"_s, .kind = Kind::Update, .unifiedDiff = u"@@ -1,2 +1,2 @@\n 1\n-2\n+two\n"_s},
    };
    const QString summary = u"Success. Updated the following files:\nA a\nM u\nM sub/n\nD d\n"_s;
    QCOMPARE(m_told.size(), 2u);
    QVERIFY(m_told[0] == Event(PatchStarted{u"c1"_s, changes}));
    QVERIFY(m_told[1] == Event(PatchFinished{u"c1"_s, changes, true, summary}));
}

void tst_PatchTool::tellsOneChangeForAPath()
{
    makeTree(root(), {{u"a"_s, "1\n"}, {u"b"_s, "1\n"}, {u"c"_s, "1\n"}});
    const QString said =
        apply(u"*** Begin Patch\n*** Update File: a\n@@\n-1\n+2\n*** Update File: a\n@@\n-2\n+3\n"
              "*** Delete File: b\n*** Add File: b\n+new\n*** Add File: t\n+x\n*** Update File: t\n@@\n"
              "-x\n+y\n*** Update File: c\n*** Move to: e\n@@\n-1\n+2\n*** Add File: c\n+again\n"
              "*** Add File: z\n+x\n*** Delete File: z\n*** End Patch"_s);
    QVERIFY2(said.contains(u"Success"), qPrintable(said));
    const FileTree tree{{u"a"_s, "3\n"}, {u"b"_s, "new\n"}, {u"c"_s, "again\n"}, {u"e"_s, "2\n"}, {u"t"_s, "y\n"}};
    QCOMPARE(readTree(root()), tree);
    const auto &changes = std::get<PatchFinished>(m_told.back()).changes;
    QCOMPARE(changesOf(changes), u"update %1/a\nadd %1/b\nadd %1/c\nadd %1/e\nadd %1/t"_s.arg(root()));
    QCOMPARE(changes[0].unifiedDiff, u"@@ -1 +1 @@\n-1\n+3\n"_s);
    QCOMPARE(changes[4].content, u"y\n"_s);
}

void tst_PatchTool::keepsTheModeOfAMovedFile()
{
    makeTree(root(), {{u"run"_s, "x:a\n"}});
    apply(u"*** Begin Patch\n*** Update File: run\n*** Move to: bin/run\n@@\n-a\n+b\n*** End Patch"_s);
    QCOMPARE(readTree(root()), (FileTree{{u"bin/run"_s, "x:b\n"}}));
}

void tst_PatchTool::deletesABinaryFile()
{
    makeTree(root(), {{u"b"_s, "\xFF\xFE"}, {u"k"_s, ""}});
    apply(u"*** Begin Patch\n*** Delete File: b\n*** End Patch"_s);
    QCOMPARE(readTree(root()), (FileTree{{u"k"_s, ""}}));
    QCOMPARE(std::get<PatchFinished>(m_told.back()).changes[0].content, QString());
}

void tst_PatchTool::keepsAFileThatIsMovedOntoALinkToIt()
{
    // A write through the link and the removal of the file would leave nothing of it.
    makeTree(root(), {{u"f"_s, "a\n"}, {u"l"_s, "-> f"}});
    apply(u"*** Begin Patch\n*** Update File: f\n*** Move to: l\n@@\n-a\n+b\n*** End Patch"_s);
    QCOMPARE(readTree(root()), (FileTree{{u"f"_s, "b\n"}, {u"l"_s, "-> f"}}));
}

void tst_PatchTool::carriesOutSeveralPatchesInOrder()
{
    makeTree(root(), {{u"f"_s, "0\n"}});
    QList<ToolJob *> jobs;
    for (int i = 0; i < 5; ++i) {
        const QByteArray patch = "*** Begin Patch\n*** Update File: f\n@@\n-" + QByteArray::number(i) + "\n+" +
                                 QByteArray::number(i + 1) + "\n*** End Patch";
        jobs += m_tool->start({.id = QString::number(i), .arguments = patch}, this);
    }
    int finished = 0;
    for (ToolJob *job : std::as_const(jobs))
        connect(job, &ToolJob::finished, this, [&finished] { ++finished; });
    QTRY_COMPARE(finished, 5);
    QCOMPARE(readTree(root()), (FileTree{{u"f"_s, "5\n"}}));
    qDeleteAll(jobs);
}

void tst_PatchTool::takesEitherShapeOfCall_data()
{
    QTest::addColumn<bool>("offersFreeform");
    QTest::addColumn<bool>("callsFreeform");
    QTest::newRow("free-form") << true << true;
    QTest::newRow("function") << false << false;
    QTest::newRow("function where free-form was offered") << true << false;
    QTest::newRow("free-form where a function was offered") << false << true;
}

void tst_PatchTool::takesEitherShapeOfCall()
{
    QFETCH(bool, offersFreeform);
    QFETCH(bool, callsFreeform);
    setUp(Mode::DangerFullAccess, root(), offersFreeform ? PatchTool::Shape::Freeform : PatchTool::Shape::Function);
    const QByteArray patch = "*** Begin Patch\n*** Add File: f\n+\"x\"\n*** End Patch\n";
    const ToolCall call{.id = u"c1"_s,
                        .name = u"apply_patch"_s,
                        .arguments = callsFreeform ? patch : json::object({{"input", patch}}).text,
                        .kind = callsFreeform ? ToolCall::Kind::Custom : ToolCall::Kind::Function};
    const QString expected =
        u"Exit code: 0\nWall time: N seconds\nOutput:\nSuccess. Updated the following files:\nA f\n"_s;
    QCOMPARE(answer(m_tool->start(call, this)), expected);
    QCOMPARE(readTree(root()), (FileTree{{u"f"_s, "\"x\"\n"}}));
}

void tst_PatchTool::answersArgumentsItCannotRead()
{
    const ToolCall call{.id = u"c1"_s, .name = u"apply_patch"_s, .arguments = R"({"patch":1})"};
    const QString said = answer(m_tool->start(call, this));
    QVERIFY2(said.contains(u"input"), qPrintable(said));
    QVERIFY(m_told == (std::vector<Event>{PatchFinished{.call = u"c1"_s, .output = said}}));
}

void tst_PatchTool::writesOnlyWhereThePolicyAllows_data()
{
    QTest::addColumn<bool>("isReadOnly");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("said");
    const QString outside = u"patch rejected: writing outside of the project; rejected by user approval settings: %1"_s;
    const QString readOnly =
        u"patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings: %1"_s;
    QTest::newRow("inside") << false << u"in/f"_s << u"Exit code: 0"_s;
    QTest::newRow("outside") << false << u"../f"_s << outside;
    QTest::newRow("absolute") << false << u"/etc/nightshift-test"_s << outside;
    QTest::newRow("protected") << false << u".git/hooks/x"_s << outside;
    QTest::newRow("read-only") << true << u"f"_s << readOnly;
}

void tst_PatchTool::writesOnlyWhereThePolicyAllows()
{
    QFETCH(bool, isReadOnly);
    QFETCH(QString, path);
    QFETCH(QString, said);
    QVERIFY(QDir(root()).mkdir(u"w"_s));
    const QString cwd = root() + u"/w"_s;
    setUp(isReadOnly ? Mode::ReadOnly : Mode::WorkspaceWrite, cwd);
    const QString output = apply(u"*** Begin Patch\n*** Add File: %1\n+x\n*** End Patch"_s.arg(path));
    const QString absolute = path.startsWith(u'/') ? path : QDir::cleanPath(cwd + u'/' + path);
    if (said.startsWith(u"patch rejected")) {
        QCOMPARE(output, said.arg(absolute));
        const std::vector<FileChange> changes{{.path = absolute, .kind = FileChange::Kind::Add, .content = u"x\n"_s}};
        QVERIFY(m_told == (std::vector<Event>{PatchFinished{u"c1"_s, changes, false, output}}));
        QCOMPARE(readTree(root()), (FileTree{{u"w/"_s, ""}}));
    } else {
        QVERIFY2(output.startsWith(said), qPrintable(output));
        QCOMPARE(readTree(root()), (FileTree{{u"w/in/f"_s, "x\n"}}));
    }
}

void tst_PatchTool::isStoppedByTheSandboxBehindALink()
{
    const FileTree before{{u"w/in"_s, "1\n"}, {u"w/link"_s, "-> ../out"}, {u"out/f"_s, "1\n"}};
    makeTree(root(), before);
    setUp(Mode::WorkspaceWrite, root() + u"/w"_s);
    const QString output = apply(u"*** Begin Patch\n*** Update File: in\n@@\n-1\n+2\n"
                                 "*** Update File: link/f\n@@\n-1\n+2\n*** End Patch"_s);
    QCOMPARE(output, u"Exit code: 1\nWall time: N seconds\nOutput:\nFailed to write file %1/w/link/f: "
                     "Read-only file system; nothing was changed\n"_s.arg(root()));
    QCOMPARE(readTree(root()), before);
    const auto &finished = std::get<PatchFinished>(m_told.back());
    QVERIFY(!finished.success);
    QCOMPARE(changesOf(finished.changes), u"update %1/w/in\nupdate %1/w/link/f"_s.arg(root()));
}

void tst_PatchTool::writesAPatchFromTheShell()
{
    makeTree(root(), {{u"sub/a b/"_s, ""}});
    const ShellPatch patch{u"a b"_s, u"*** Begin Patch\n*** Add File: f\n+x\n*** End Patch\n"_s};
    QCOMPARE(answer(m_tool->startFromShell({.id = u"c1"_s}, patch, root() + u"/sub"_s, this)),
             u"Wall time: 0.0000 seconds\nOutput:\nExit code: 0\nWall time: N seconds\nOutput:\n"
             "Success. Updated the following files:\nA f\n"_s);
    QCOMPARE(readTree(root()), (FileTree{{u"sub/a b/f"_s, "x\n"}}));
}

void tst_PatchTool::refusesABarePatchFromTheShell()
{
    const ShellPatch patch{.text = u"*** Begin Patch\n*** Add File: f\n+x\n*** End Patch\n"_s, .isBare = true};
    const QString output = answer(m_tool->startFromShell({.id = u"c1"_s}, patch, root(), this));
    QVERIFY(
        output.startsWith(u"apply_patch verification failed: patch detected without explicit call to apply_patch."));
    QCOMPARE(readTree(root()), FileTree());
}

void tst_PatchTool::answersACanceledCall()
{
    ToolJob *job =
        m_tool->start({.id = u"c1"_s, .arguments = "*** Begin Patch\n*** Add File: f\n+x\n*** End Patch"}, this);
    job->cancel();
    const QString output = answer(job);
    QVERIFY2(output.contains(u"aborted by user"), qPrintable(output));
    QVERIFY(m_told == (std::vector<Event>{PatchFinished{.call = u"c1"_s, .output = u"aborted by user"_s}}));
    QCOMPARE(readTree(root()), FileTree());
}

void tst_PatchTool::describesItself()
{
    const Result<JsonDocument> freeform = JsonDocument::parse(m_tool->definition().text);
    QCOMPARE(freeform->root()["type"].toString(), u"custom"_s);
    QCOMPARE(freeform->root()["format"]["syntax"].toString(), u"lark"_s);
    setUp(Mode::DangerFullAccess, root(), PatchTool::Shape::Function);
    const Result<JsonDocument> function = JsonDocument::parse(m_tool->definition().text);
    QCOMPARE(function->root()["type"].toString(), u"function"_s);
    QCOMPARE(function->root()["parameters"]["required"].raw().text, R"(["input"])");
}

QTEST_GUILESS_MAIN(tst_PatchTool)
#include "tst_patchtool.moc"
