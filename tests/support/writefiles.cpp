// The helper's `write` mode alone, without a sandbox around it.
#include "sandbox/writefiles.h"

int main()
{
    return nightshift::sandbox::writeFiles(0);
}
