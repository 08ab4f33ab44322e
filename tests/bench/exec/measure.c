/* measure COUNT JOBS FOLDER PROGRAM [ARGUMENT...]
 *
 * Runs PROGRAM COUNT times, JOBS at a time: run N with stdin /dev/null, HOME=FOLDER/N, CODEX_HOME=FOLDER/N/.codex,
 * stdout and stderr to FOLDER/N/out and err. Prints wall ms, CPU ms (user + system of the whole process trees), the
 * peak memory of the largest process in MB, and how many runs did not exit with 0.
 *
 * In C, because a child that a big process forks begins with that process's peak memory. */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static double cpu_ms(const struct rusage *u)
{
    return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1e3 + (u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e3;
}

static void redirect(const char *path, int flags, int to)
{
    int fd = open(path, flags, 0600);
    if (fd < 0 || dup2(fd, to) < 0)
        err(126, "%s", path);
    close(fd);
}

static pid_t start(const char *folder, int run, char **program)
{
    pid_t pid = fork();
    if (pid < 0)
        err(1, "fork");
    if (pid > 0)
        return pid;

    char path[4096];
    snprintf(path, sizeof path, "%s/%d", folder, run);
    setenv("HOME", path, 1);
    snprintf(path, sizeof path, "%s/%d/.codex", folder, run);
    setenv("CODEX_HOME", path, 1);
    redirect("/dev/null", O_RDONLY, 0);
    snprintf(path, sizeof path, "%s/%d/out", folder, run);
    redirect(path, O_WRONLY | O_CREAT | O_TRUNC, 1);
    snprintf(path, sizeof path, "%s/%d/err", folder, run);
    redirect(path, O_WRONLY | O_CREAT | O_TRUNC, 2);
    execv(program[0], program);
    err(127, "%s", program[0]);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        errx(2, "usage: measure COUNT JOBS FOLDER PROGRAM [ARGUMENT...]");
    const int count = atoi(argv[1]), jobs = atoi(argv[2]);
    pid_t *runs = calloc(count, sizeof *runs);
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* what a run leaves behind is counted, too */

    int started = 0, ended = 0, failed = 0;
    double cpu = 0, wall = 0;
    long peak_kb = 0;
    const double begin = now_ms();
    for (;;) {
        for (; started < count && started - ended < jobs; ++started)
            runs[started] = start(argv[3], started, argv + 4);

        int status;
        struct rusage usage;
        pid_t pid = wait4(-1, &status, 0, &usage);
        if (pid < 0 && errno == ECHILD)
            break;
        if (pid < 0)
            err(1, "wait4");
        cpu += cpu_ms(&usage);
        if (usage.ru_maxrss > peak_kb)
            peak_kb = usage.ru_maxrss;
        for (int i = 0; i < started; ++i) {
            if (runs[i] != pid)
                continue;
            ++ended;
            failed += status != 0;
            wall = now_ms() - begin;
            alarm(ended == count ? 10 : 0); /* nothing may outlive its run by more: die of it, loudly */
        }
    }
    printf("%.3f %.3f %.3f %d\n", wall, cpu, peak_kb / 1024.0, failed);
    return 0;
}
