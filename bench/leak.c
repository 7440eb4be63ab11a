/* A worker that leaks. `leak FILE MIB_PER_SECOND [MOST_MIB]` appends "begin PID" to FILE, takes and touches memory at that rate, 2 GiB at
 * most, and at SIGTERM finishes what it is at (50 ms), appends "end PID" and exits. Who is killed leaves no end. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEP (1 << 20)

static volatile sig_atomic_t asked;

static void ask(int signal) {
    (void)signal;
    asked = 1;
}

static void rest(long nanoseconds) {
    struct timespec pause = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    nanosleep(&pause, NULL);
}

static int tell(const char *file, const char *what) {
    char line[64];
    int size = snprintf(line, sizeof line, "%s %d\n", what, (int)getpid());
    int out = open(file, O_WRONLY | O_APPEND | O_CREAT, 0666);
    int told = out >= 0 && write(out, line, size) == size;
    close(out);
    return told;
}

int main(int argc, char **argv) {
    int rate = argc > 2 ? atoi(argv[2]) : 0;
    long long most = (argc > 3 ? atoll(argv[3]) : 2048) << 20;
    if (rate < 1) {
        return 2;
    }
    signal(SIGTERM, ask);
    signal(SIGINT, ask); /* what PM2 sends */
    if (!tell(argv[1], "begin")) {
        return 1;
    }
    for (long long taken = 0; !asked; taken += STEP) {
        if (taken < most) {
            char *page = malloc(STEP);
            if (page) {
                memset(page, 1, STEP);
            }
        }
        rest(1000000000L / rate);
    }
    rest(50000000);
    return tell(argv[1], "end") ? 0 : 1;
}
