/*
 * A line between two network namespaces, as a wide area network is one: it delays, is only so fast, and loses packets.
 *
 *   line NAMESPACE NAMESPACE DELAY RATE LOSS
 *
 * DELAY  milliseconds one way
 * RATE   Mbit/s each way, of whole IP packets
 * LOSS   per cent of the packets of each direction, chosen by a generator that begins alike every time
 *
 * In each namespace (a file in /run/netns, as `ip netns add` makes it) a TUN device `line` is made and brought up by
 * whoever gives it an address. A packet waits until those before it are sent, in a queue that holds what the line
 * carries in one round trip, 20 ms at least; what comes when that is full is lost, as in a router. Ends with its standard
 * input.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { LARGEST_PACKET = 1600, SLOTS = 1 << 15, AT_ONCE = 64 };

struct packet {
    int64_t due; /* ns */
    int size;
    unsigned char bytes[LARGEST_PACKET];
};

struct direction {
    int from, to;
    struct packet *ring;
    uint32_t first, count;
    int64_t idle_from; /* ns; all that was taken is sent by then */
    unsigned short random[3];
};

static int64_t delay, longest_queue; /* ns */
static double ns_per_byte, loss;

static void fail(const char *what) {
    fprintf(stderr, "line: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* A TUN device in a namespace; the process is in that namespace afterwards. */
static int device(const char *name_space) {
    char path[256];
    snprintf(path, sizeof path, "/run/netns/%s", name_space);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || setns(file, CLONE_NEWNET) != 0) fail(path);
    close(file);
    int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tun < 0) fail("/dev/net/tun");
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "line"};
    if (ioctl(tun, TUNSETIFF, &request) != 0) fail("TUNSETIFF");
    return tun;
}

/* Takes what a namespace has sent. */
static void take(struct direction *way) {
    for (int turn = 0; turn < AT_ONCE; turn++) {
        struct packet lost;
        struct packet *packet = way->count < SLOTS ? &way->ring[(way->first + way->count) % SLOTS] : &lost;
        ssize_t size = read(way->from, packet->bytes, LARGEST_PACKET);
        if (size <= 0) return; /* nothing is left, or the device is not up yet */
        if (packet == &lost || erand48(way->random) < loss) continue;
        int64_t time = now(), begin = way->idle_from > time ? way->idle_from : time;
        if (begin - time > longest_queue) continue;
        way->idle_from = begin + (int64_t)(ns_per_byte * (double)size);
        packet->due = way->idle_from + delay;
        packet->size = (int)size;
        way->count++;
    }
}

/* Gives what is due to the other namespace. */
static void deliver(struct direction *way) {
    while (way->count > 0) {
        struct packet *packet = &way->ring[way->first];
        if (packet->due > now()) return;
        if (write(way->to, packet->bytes, (size_t)packet->size) < 0 && errno != EAGAIN && errno != EIO && errno != EINVAL)
            fail("write");
        way->first = (way->first + 1) % SLOTS;
        way->count--;
    }
}

int main(int count, char **words) {
    if (count != 6) {
        fprintf(stderr, "usage: line NAMESPACE NAMESPACE DELAY RATE LOSS\n");
        return 2;
    }
    delay = (int64_t)(atof(words[3]) * 1e6);
    ns_per_byte = 8e3 / atof(words[4]);
    loss = atof(words[5]) / 100;
    longest_queue = 2 * delay > 20000000 ? 2 * delay : 20000000;
    int ends[2] = {device(words[1]), device(words[2])};
    struct direction ways[2];
    for (int way = 0; way < 2; way++) {
        ways[way] = (struct direction){.from = ends[way], .to = ends[1 - way], .random = {1, 2, (unsigned short)way}};
        ways[way].ring = malloc(SLOTS * sizeof(struct packet));
        if (ways[way].ring == NULL) fail("memory");
    }
    /* A line does not wait for a processor. Where that is not allowed, it does. */
    struct sched_param first = {.sched_priority = 1};
    sched_setscheduler(0, SCHED_FIFO, &first);
    puts("ready");
    fclose(stdout);
    for (;;) {
        int64_t next = INT64_MAX;
        for (int way = 0; way < 2; way++) {
            take(&ways[way]);
            deliver(&ways[way]);
            if (ways[way].count > 0 && ways[way].ring[ways[way].first].due < next) next = ways[way].ring[ways[way].first].due;
        }
        struct pollfd files[3] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = ends[0], .events = POLLIN},
                                  {.fd = ends[1], .events = POLLIN}};
        int64_t wait = next == INT64_MAX ? 1000000000 : next - now();
        if (wait < 0) wait = 0;
        struct timespec time = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
        if (ppoll(files, 3, &time, NULL) < 0 && errno != EINTR) fail("ppoll");
        char ignored[64];
        if (files[0].revents != 0 && read(STDIN_FILENO, ignored, sizeof ignored) <= 0) return 0;
    }
}
