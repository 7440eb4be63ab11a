/* `flood LINES FILE` writes LINES numbered lines of 100 bytes to standard output, 64 KiB a write, and then the nanoseconds that
 * took to FILE. Then it waits for a signal, so that nobody starts it again. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void write_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0) {
            perror("flood");
            exit(1);
        }
        bytes += written;
        size -= written;
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        return 2;
    }
    static char buffer[65536 + 100];
    long lines = atol(argv[1]);
    size_t used = 0;
    long long begin = now();
    for (long n = 0; n < lines; n++) {
        char *line = buffer + used;
        memset(line, '.', 99);
        line[99] = '\n';
        char number[12];
        for (int i = 10, rest = n; i >= 0; i--, rest /= 10) {
            number[i] = '0' + rest % 10;
        }
        memcpy(line, number, 11);
        used += 100;
        if (used >= 65536) {
            write_all(1, buffer, 65536);
            memmove(buffer, buffer + 65536, used - 65536);
            used -= 65536;
        }
    }
    write_all(1, buffer, used);
    char took[32];
    int size = snprintf(took, sizeof took, "%lld\n", now() - begin);
    int out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0666);
    write_all(out, took, size);
    close(out);
    for (;;) {
        pause();
    }
}
