#include <QFile>
#include <QTest>
#include <dlfcn.h>

class tst_NetworkModule : public QObject
{
    Q_OBJECT

private slots:
    void asksPlainServersWithoutLibproxy();
    void asksOthersWithLibcurl();
};

/// Of the files in our memory.
static bool isLoaded(const char *library)
{
    QFile maps(QStringLiteral("/proc/self/maps"));
    return maps.open(QIODevice::ReadOnly) && maps.readAll().contains(library);
}

void tst_NetworkModule::asksPlainServersWithoutLibproxy()
{
    QVERIFY2(::dlopen(NOPROXY_MODULE, RTLD_LAZY | RTLD_LOCAL), ::dlerror());
    QVERIFY2(::dlopen(NET_MODULE, RTLD_LAZY | RTLD_LOCAL), ::dlerror());
    QVERIFY(isLoaded("/libQt6Network.so"));
    for (const char *library : {"/libproxy.so", "/libcurl", "/libgnutls"})
        QVERIFY2(!isLoaded(library), library);
}

void tst_NetworkModule::asksOthersWithLibcurl()
{
    QVERIFY2(::dlopen(CURL_MODULE, RTLD_LAZY | RTLD_LOCAL), ::dlerror());
    QVERIFY(isLoaded("/libcurl"));
}

QTEST_GUILESS_MAIN(tst_NetworkModule)
#include "tst_networkmodule.moc"
