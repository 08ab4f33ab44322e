#include "app/completion.h"
#include "app/manpage.h"
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <cstdio>

using namespace Qt::StringLiterals;
using namespace nightshift::app;

// Run by the build: writes what is installed beside the program and made from its tables, below the folder named.

static bool write(const QString &path, const QByteArray &text)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(text) == text.size())
        return true;
    std::fprintf(stderr, "%s cannot be written: %s\n", qUtf8Printable(path), qUtf8Printable(file.errorString()));
    return false;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    const QString folder = QFile::decodeName(argv[1]);
    bool written = write(folder + u"/bash-completion/completions/nightshift"_s, completionScript(u"bash").toUtf8()) &&
                   write(folder + u"/zsh/site-functions/_nightshift"_s, completionScript(u"zsh").toUtf8()) &&
                   write(folder + u"/fish/vendor_completions.d/nightshift.fish"_s, completionScript(u"fish").toUtf8());
    for (const CommandRow &row : commandTable()) {
        if (row.command != Command::Help)
            written =
                write(folder + u"/man/man1/%1.1"_s.arg(manPageName(row.command)), manPage(row.command)) && written;
    }
    return written ? 0 : 1;
}
