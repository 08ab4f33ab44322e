#include "support/filetree.h"
#include "support/program.h"
#include "support/scriptbatch.h"
#include <QStandardPaths>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// What a batch script may import: what lies below its folder or --allow-read, after all links, whoever bundles it.
class tst_Imports : public QObject
{
    Q_OBJECT

private slots:
    void importsNothingFromOutsideOfItsFolder_data();
    void importsNothingFromOutsideOfItsFolder();
    void importsWhatIsAllowed();
};

static constexpr auto secret = "SECRET-4711";

static Ended runScript(Program &program, const QByteArray &source, const QStringList &options = {})
{
    program.write(u"s.js"_s, source);
    return program.run(QStringList{u"batch"_s, u"s.js"_s} + options);
}

void tst_Imports::importsNothingFromOutsideOfItsFolder_data()
{
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<FileTree>("files");
    QTest::addColumn<QString>("mechanism"); // "none": without esbuild
    const auto row = [](const QByteArray &name, const QByteArray &import, const FileTree &files) {
        for (const auto &mechanism : {u"landlock"_s, u"bubblewrap"_s})
            QTest::newRow(name + ", " + mechanism.toUtf8())
                << "import " + import + ";\nexport default () => JSON.stringify(x);\n"
                << files << mechanism;
    };
    row("JSON", "x from '../home/secret.json'", {});
    row("a text", "x from '../home/secret.txt'", {});
    row("a script", "* as x from '../home/secret.js'", {});
    row("a link", "x from './link.json'", {{u"link.json"_s, "-> ../home/secret.json"}});
    row("a folder that is a link", "x from './link/secret.json'", {{u"link"_s, "-> ../home"}});
    row("a package's main", "* as x from 'p'",
        {{u"node_modules/p/package.json"_s, R"({"name":"p","main":"../../../home/secret.js"})"}});
    row("a package's exports", "x from 'p/x'",
        {{u"node_modules/p/package.json"_s, R"({"name":"p","exports":{"./x":"./../../../home/secret.json"}})"}});
    row("a package that is a link", "* as x from 'p'", {{u"node_modules/p"_s, "-> ../../home"}});
    row("a package's own file that is a link", "* as x from 'p'",
        {{u"node_modules/p/package.json"_s, "-> ../../../home/package.json"}});
    row("the paths of tsconfig", "x from 'any'",
        {{u"tsconfig.json"_s, R"({"compilerOptions":{"baseUrl":".","paths":{"any":["../home/secret.json"]}}})"}});
    row("the base of tsconfig", "x from './secret.json'", // whose words would stand in the error
        {{u"tsconfig.json"_s, R"({"extends":"../home/secret.js"})"}, {u"secret.json"_s, "-> ../home/secret.json"}});
    for (const auto &[name, import] :
         {std::pair{"relative", "'../home/secret.js'"}, std::pair{"bare", "'gone/../../home/secret.js'"},
          std::pair{"escaped", "'\\u002e./home/secret.js'"}, std::pair{"encoded", "'%2e%2e/home/secret.js'"},
          std::pair{"a link", "'./link.js'"}})
        QTest::newRow(QByteArray("without esbuild, ") + name)
            << "import * as x from "_ba + import + ";\nexport default () => JSON.stringify(x.default);\n"
            << FileTree{{u"link.js"_s, "-> ../home/secret.js"}} << u"none"_s;
}

/// Of the PATH all but esbuild, and what else is of no use here.
static void hideEsbuild(Program &program)
{
    makeTree(program.home(), {{u"bin/"_s, ""}});
    for (const char *name : {"sh", "git", "bwrap", "env"})
        QFile::link(QStandardPaths::findExecutable(QString::fromLatin1(name)),
                    program.home() + u"/bin/"_s + QString::fromLatin1(name));
    program.environment.insert(u"PATH"_s, program.home() + u"/bin"_s);
}

void tst_Imports::importsNothingFromOutsideOfItsFolder()
{
    QFETCH(const QByteArray, source);
    QFETCH(const FileTree, files);
    QFETCH(const QString, mechanism);
    Program program;
    makeTree(program.work(), files);
    const QByteArray quoted = QByteArray("\"") + secret + '"';
    makeTree(program.home(), {{u"secret.json"_s, quoted},
                              {u"secret.txt"_s, secret},
                              {u"secret.js"_s, "export default " + quoted + ";\n"},
                              {u"index.js"_s, "export default " + quoted + ";\n"},
                              {u"package.json"_s, R"({"name":"p","main":"./../../../home/secret.js"})"}});
    if (mechanism == "none"_L1)
        hideEsbuild(program);
    else
        program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    const Ended ended = runScript(program, source);
    QVERIFY2(!ended.out.contains(secret) && !ended.err.contains(secret), ended.out + ended.err);
    QCOMPARE(ended.exitCode, 70);
}

void tst_Imports::importsWhatIsAllowed()
{
    Program program;
    makeTree(program.work(), {{u"lib/a.js"_s, "export const a = 'a';\n"},
                              {u"b.json"_s, "\"b\""},
                              {u"tsconfig.json"_s, R"({"compilerOptions":{"paths":{"own":["./lib/a"]}}})"}});
    makeTree(program.home(), {{u"lib/c.txt"_s, "c"}});
    const QByteArray source =
        "import { a } from './lib/a.js';\nimport { a as d } from 'own';\nimport b from './b.json';\n"
        "import c from '../home/lib/c.txt';\nexport default () => a + b + c + d;\n";
    for (const QString &mechanism : {u"landlock"_s, u"bubblewrap"_s}) {
        program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
        const Ended denied = runScript(program, source);
        QVERIFY2(denied.exitCode == 70 && denied.err.contains("allow others with --allow-read DIR"), denied.err);
        const Ended allowed = runScript(program, source, {u"--allow-read"_s, program.home() + u"/lib"_s});
        QVERIFY2(allowed.out == "\"abca\"\n", allowed.err);
    }
    hideEsbuild(program);
    const Ended plain =
        runScript(program, "import { a } from './lib/a.js';\nexport default function () { return a; }\n");
    QVERIFY2(plain.out == "\"a\"\n", plain.err);
}

QTEST_GUILESS_MAIN(tst_Imports)
#include "tst_imports.moc"
