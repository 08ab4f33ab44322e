#include "mcp/approval.h"
#include "mcp/toolnames.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::mcp;

class tst_Tools : public QObject
{
    Q_OBJECT

private slots:
    void replacesWhatProvidersDoNotTake();
    void shortensWithAHash();
    void keepsNamesApart();
    void knowsServerNames();
    void decidesWhatRunsUnasked_data();
    void decidesWhatRunsUnasked();
    void offersWhatIsEnabledAndNotDisabled();
};

void tst_Tools::replacesWhatProvidersDoNotTake()
{
    ToolNames names;
    QCOMPARE(names.nameOf(u"my-docs"_s, u"get.page/ü"_s), u"mcp__my_docs__get_page__"_s);
}

void tst_Tools::shortensWithAHash()
{
    ToolNames names;
    const QString exact(64 - 8, u'x');
    QCOMPARE(names.nameOf(u"s"_s, exact), u"mcp__s__"_s + exact);
    const QString one = names.nameOf(u"s"_s, exact + u'1');
    const QString two = names.nameOf(u"s"_s, exact + u'2');
    QCOMPARE(one.size(), 64);
    QCOMPARE(one.first(55), (u"mcp__s__"_s + exact).first(55));
    QVERIFY(one != two);
    QCOMPARE(ToolNames().nameOf(u"s"_s, exact + u'1'), one);
}

void tst_Tools::keepsNamesApart()
{
    ToolNames names;
    QCOMPARE(names.nameOf(u"s"_s, u"a-b"_s), u"mcp__s__a_b"_s);
    const QString other = names.nameOf(u"s"_s, u"a.b"_s);
    QVERIFY2(other.startsWith(u"mcp__s__a_b_"_s) && other.size() == 20, qPrintable(other));
}

void tst_Tools::knowsServerNames()
{
    QVERIFY(isServerName(u"Git_hub-2"));
    QVERIFY(!isServerName(u""));
    QVERIFY(!isServerName(u"a.b"));
    QVERIFY(!isServerName(u"zwölf"));
}

void tst_Tools::decidesWhatRunsUnasked_data()
{
    using Approval = McpServerSettings::Approval;
    QTest::addColumn<Approval>("server");
    QTest::addColumn<std::optional<Approval>>("tool");
    QTest::addColumn<bool>("readOnly");
    QTest::addColumn<QString>("runsIn"); // r, w, d: the modes
    const std::optional<Approval> none;
    QTest::newRow("reads") << Approval::Auto << none << true << u"rwd"_s;
    QTest::newRow("writes") << Approval::Auto << none << false << u"wd"_s;
    QTest::newRow("approved") << Approval::Approve << none << false << u"rwd"_s;
    QTest::newRow("to be asked about") << Approval::Prompt << none << true << QString();
    QTest::newRow("approved by its own row")
        << Approval::Prompt << std::optional(Approval::Approve) << false << u"rwd"_s;
    QTest::newRow("to be asked about by its own row")
        << Approval::Approve << std::optional(Approval::Prompt) << true << QString();
    QTest::newRow("back to usual by its own row")
        << Approval::Approve << std::optional(Approval::Auto) << false << u"wd"_s;
}

void tst_Tools::decidesWhatRunsUnasked()
{
    using Approval = McpServerSettings::Approval;
    using Mode = SandboxPolicy::Mode;
    QFETCH(const Approval, server);
    QFETCH(const std::optional<Approval>, tool);
    QFETCH(const bool, readOnly);
    QFETCH(const QString, runsIn);
    McpServerSettings settings{.name = u"s"_s, .approval = server};
    if (tool)
        settings.toolApproval = {{u"other"_s, Approval::Auto}, {u"t"_s, *tool}};
    QString runs;
    for (const auto &[letter, mode] : {std::pair(u'r', Mode::ReadOnly), std::pair(u'w', Mode::WorkspaceWrite),
                                       std::pair(u'd', Mode::DangerFullAccess)}) {
        if (mayRun(settings, {.name = u"t"_s, .readOnly = readOnly}, mode))
            runs += letter;
    }
    QCOMPARE(runs, runsIn);
}

void tst_Tools::offersWhatIsEnabledAndNotDisabled()
{
    McpServerSettings settings{.disabledTools = {u"b"_s}};
    QVERIFY(isOffered(settings, u"a"_s));
    QVERIFY(!isOffered(settings, u"b"_s));
    settings.enabledTools = QStringList{u"b"_s, u"c"_s};
    QVERIFY(!isOffered(settings, u"a"_s));
    QVERIFY(!isOffered(settings, u"b"_s));
    QVERIFY(isOffered(settings, u"c"_s));
}

QTEST_APPLESS_MAIN(tst_Tools)
#include "tst_tools.moc"
