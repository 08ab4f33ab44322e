#include <QFile>
#include <QTest>
#include <dlfcn.h>

class tst_NetworkModule : public QObject
{
    Q_OBJECT

private slots:
    void loadsWithoutTheLibrariesOfLibproxy();
};

void tst_NetworkModule::loadsWithoutTheLibrariesOfLibproxy()
{
    QVERIFY2(::dlopen(NOPROXY_MODULE, RTLD_LAZY | RTLD_LOCAL), ::dlerror());
    QVERIFY2(::dlopen(NET_MODULE, RTLD_LAZY | RTLD_LOCAL), ::dlerror());
    QFile maps(QStringLiteral("/proc/self/maps"));
    QVERIFY(maps.open(QIODevice::ReadOnly));
    const QByteArray loaded = maps.readAll();
    QVERIFY(loaded.contains("/libQt6Network.so"));
    for (const char *library : {"/libproxy.so", "/libcurl", "/libgnutls"})
        QVERIFY2(!loaded.contains(library), library);
}

QTEST_GUILESS_MAIN(tst_NetworkModule)
#include "tst_networkmodule.moc"
