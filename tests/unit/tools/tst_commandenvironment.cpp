#include "tools/commandenvironment.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;
using Inherit = EnvironmentPolicy::Inherit;

class tst_CommandEnvironment : public QObject
{
    Q_OBJECT

private slots:
    void keepsWhatThePolicySays_data();
    void keepsWhatThePolicySays();
    void dropsCredentialsInValues_data();
    void dropsCredentialsInValues();
    void addsQuietSettingsAndMarkersLast();
    void saysWhenThereIsNoNetwork();
};

Q_DECLARE_METATYPE(EnvironmentPolicy)

static const QStringList ours{u"PATH=/bin"_s,        u"HOME=/home/u"_s,   u"TMPDIR=/t"_s,      u"TZ=UTC"_s,
                              u"OPENAI_API_KEY=k"_s, u"github_token=t"_s, u"MY_SECRET_ID=s"_s, u"EMPTY="_s,
                              u"QT_NO_GLIB=1"_s,     u"SPLIT=a=b"_s,      u"broken"_s};

/// Everything before what is always added.
static QStringList ofTheCaller(const EnvironmentPolicy &policy)
{
    QStringList all = commandEnvironment(ours, policy, {.sessionId = u"s"_s, .callId = u"c"_s});
    return all.first(all.indexOf(u"NO_COLOR=1"_s));
}

void tst_CommandEnvironment::keepsWhatThePolicySays_data()
{
    QTest::addColumn<EnvironmentPolicy>("policy");
    QTest::addColumn<QStringList>("kept");
    const QStringList open{u"PATH=/bin"_s, u"HOME=/home/u"_s, u"TMPDIR=/t"_s, u"TZ=UTC"_s, u"EMPTY="_s, u"SPLIT=a=b"_s};
    QTest::newRow("default hides secrets") << EnvironmentPolicy{} << open;
    QTest::newRow("secrets on request") << EnvironmentPolicy{.ignoreDefaultExcludes = true,
                                                             .exclude = {u"?Z"_s, u"*m*"_s, u"spl*"_s}}
                                        << QStringList{u"PATH=/bin"_s, u"OPENAI_API_KEY=k"_s, u"github_token=t"_s};
    QTest::newRow("what the settings name as credentials, in any case")
        << EnvironmentPolicy{.ignoreDefaultExcludes = true, .exclude = {u"TZ"_s, u"SPLIT"_s, u"github_token"_s}}
        << QStringList{u"PATH=/bin"_s,        u"HOME=/home/u"_s,   u"TMPDIR=/t"_s,
                       u"OPENAI_API_KEY=k"_s, u"MY_SECRET_ID=s"_s, u"EMPTY="_s};
    QTest::newRow("a credential that is set on purpose")
        << EnvironmentPolicy{.inherit = Inherit::None, .exclude = {u"TZ"_s}, .set = {{u"TZ"_s, u"x"_s}}}
        << QStringList{u"TZ=x"_s};
    QTest::newRow("core") << EnvironmentPolicy{.inherit = Inherit::Core}
                          << QStringList{u"PATH=/bin"_s, u"HOME=/home/u"_s, u"TMPDIR=/t"_s};
    QTest::newRow("none") << EnvironmentPolicy{.inherit = Inherit::None} << QStringList{};
    QTest::newRow("set comes after the excludes") << EnvironmentPolicy{.inherit = Inherit::None,
                                                                       .exclude = {u"A"_s},
                                                                       .set = {{u"A"_s, u"1"_s}, {u"KEY"_s, u"k"_s}}}
                                                  << QStringList{u"A=1"_s, u"KEY=k"_s};
    QTest::newRow("set replaces") << EnvironmentPolicy{.inherit = Inherit::Core,
                                                       .exclude = {u"H*"_s, u"T*"_s},
                                                       .set = {{u"PATH"_s, u"/x"_s}}}
                                  << QStringList{u"PATH=/x"_s};
    QTest::newRow("include_only filters what was set")
        << EnvironmentPolicy{.set = {{u"A"_s, u"1"_s}, {u"HOMER"_s, u"2"_s}}, .includeOnly = {u"home*"_s}}
        << QStringList{u"HOME=/home/u"_s, u"HOMER=2"_s};
    QTest::newRow("a malformed pattern matches itself") << EnvironmentPolicy{.exclude = {u"[A-Z"_s, u"("_s}} << open;
}

void tst_CommandEnvironment::keepsWhatThePolicySays()
{
    QFETCH(EnvironmentPolicy, policy);
    QFETCH(QStringList, kept);
    QCOMPARE(ofTheCaller(policy), kept);
}

void tst_CommandEnvironment::dropsCredentialsInValues_data()
{
    QTest::addColumn<QString>("given");
    QTest::addColumn<QString>("kept"); // empty for none
    const auto row = [](const char *given, const char *kept) {
        QTest::newRow(given) << QString::fromLatin1(given) << QString::fromLatin1(kept);
    };
    row("DATABASE_URL=postgres://user:pw@host/db", "");
    row("DATABASE_URL=postgres://host/db", "DATABASE_URL=postgres://host/db");
    row("PIP_INDEX_URL=https://user:pw@pypi.example/simple", "");
    row("HOOK=https://ci.example/x?api_key=k", "");
    row("DB=Server=h;User Id=u;Password=p", "");
    row("LIBPQ=host=h password=p", "");
    row("HTTPS_PROXY=http://user:pw@proxy:3128", "HTTPS_PROXY=http://proxy:3128");
    row("https_proxy=user:p@w@proxy:3128", "https_proxy=proxy:3128");
    row("ALL_PROXY=socks5h://proxy:1080", "ALL_PROXY=socks5h://proxy:1080");
    row("NO_PROXY=localhost,.example", "NO_PROXY=localhost,.example");
    row("ORIGIN=ssh://git@host/repo", "ORIGIN=ssh://git@host/repo");
}

void tst_CommandEnvironment::dropsCredentialsInValues()
{
    QFETCH(const QString, given);
    const QStringList all = commandEnvironment({given}, {}, {});
    QTEST(all.first() == u"NO_COLOR=1"_s ? QString() : all.first(), "kept");
}

void tst_CommandEnvironment::addsQuietSettingsAndMarkersLast()
{
    const QStringList expected{u"TERM=dumb"_s,
                               u"NO_COLOR=1"_s,
                               u"COLORTERM="_s,
                               u"PAGER=cat"_s,
                               u"GIT_PAGER=cat"_s,
                               u"GH_PAGER=cat"_s,
                               u"LANG=C.UTF-8"_s,
                               u"LC_ALL=C.UTF-8"_s,
                               u"LC_CTYPE=C.UTF-8"_s,
                               u"CODEX_CI=1"_s,
                               u"CODEX_THREAD_ID=s1"_s,
                               u"CODEX_SESSION_ID=s1"_s,
                               u"NIGHTSHIFT_SESSION_ID=s1"_s,
                               u"CODEX_TOOL_CALL_ID=c1"_s,
                               u"NIGHTSHIFT_TOOL_CALL_ID=c1"_s};
    QCOMPARE(commandEnvironment({u"TERM=xterm"_s}, {}, {.sessionId = u"s1"_s, .callId = u"c1"_s}), expected);
}

void tst_CommandEnvironment::saysWhenThereIsNoNetwork()
{
    QCOMPARE(commandEnvironment({}, {}, {.networkDisabled = true}).last(), u"CODEX_SANDBOX_NETWORK_DISABLED=1"_s);
}

QTEST_APPLESS_MAIN(tst_CommandEnvironment)
#include "tst_commandenvironment.moc"
