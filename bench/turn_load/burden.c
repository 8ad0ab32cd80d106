#define _GNU_SOURCE
#include "burden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "packet.h"

enum {
    BATCH = 64,
    NAP_NS = 200 * 1000, /* While the server has plenty to do. */
    LONGEST_SILENCE = 1, /* Seconds; after so long what is on the way is lost. */
    MOST_MISSING = 256,  /* Packets others have overtaken: the kernel passes some on to Python. */
    RUN_SHIFT = 24,      /* The upper bits of a number say in which run it was sent. */
};

/* One way of all clients. */
struct way {
    int from, to;
    bool up, direct;
    size_t turn;                  /* Whose packet is the next. */
    uint32_t *sent, *next;        /* Numbers, of each client. */
    uint64_t on_the_way;
    double heard_at;
    struct missing {
        uint32_t flow, number;
    } missing[MOST_MISSING];
    size_t missed;
    uint64_t relayed, lost, late, wrong;
};

union control {
    char octets[CMSG_SPACE(sizeof(struct in_pktinfo))];
    struct cmsghdr aligned;
};

/* What a batch of system calls works on. */
static struct batch {
    struct mmsghdr headers[BATCH];
    struct iovec pieces[BATCH];
    struct sockaddr_in addresses[BATCH];
    union control controls[BATCH];
    uint8_t octets[BATCH][HEADER + LARGEST + 64];
} going, coming;

static const struct crowd *crowd;
static uint32_t run;
static const struct account *account;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static struct sockaddr_in at(uint32_t host) {
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(crowd_port(account)),
        .sin_addr.s_addr = htonl(host),
    };
}

static void address(const struct way *way, const struct session *session, unsigned i) {
    struct msghdr *header = &going.headers[i].msg_hdr;
    header->msg_name = &going.addresses[i];
    header->msg_namelen = sizeof going.addresses[i];
    if (way->direct)
        going.addresses[i] = at(way->up ? account->peer_host : session->host);
    else
        going.addresses[i] = way->up ? account->server : session->relayed;
    header->msg_control = &going.controls[i];
    header->msg_controllen = sizeof going.controls[i];
    struct cmsghdr *control = CMSG_FIRSTHDR(header);
    control->cmsg_level = IPPROTO_IP;
    control->cmsg_type = IP_PKTINFO;
    control->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    struct in_pktinfo from = {
        .ipi_spec_dst.s_addr = htonl(way->up ? session->host : account->peer_host)};
    memcpy(CMSG_DATA(control), &from, sizeof from);
}

static void fill(struct way *way, const struct burden *burden) {
    uint64_t left = burden->flight > way->on_the_way ? burden->flight - way->on_the_way : 0;
    unsigned room = left > BATCH ? BATCH : (unsigned)left;
    for (unsigned i = 0; i < room; i++) {
        size_t client = (way->turn + i) % crowd->count;
        uint32_t number = way->sent[client] + (uint32_t)(i / crowd->count);
        struct mark mark = {.flow = (uint32_t)client, .number = number};
        bool framed = way->up && !way->direct;
        size_t size = write_packet(going.octets[i], &mark, burden->size, framed);
        going.pieces[i] = (struct iovec){going.octets[i], size};
        going.headers[i].msg_hdr.msg_iov = &going.pieces[i];
        going.headers[i].msg_hdr.msg_iovlen = 1;
        address(way, &crowd->sessions[client], i);
    }
    int gone = room ? sendmmsg(way->from, going.headers, room, MSG_DONTWAIT) : 0;
    for (int i = 0; i < gone; i++)
        way->sent[(way->turn + (size_t)i) % crowd->count]++;
    if (gone > 0) {
        way->turn = (way->turn + (size_t)gone) % crowd->count;
        way->on_the_way += (uint64_t)gone;
    }
}

/* Whether a packet came to whom it was for, from where it should. */
static bool is_in_place(const struct way *way, const struct session *session, unsigned i) {
    const struct sockaddr_in *source = &coming.addresses[i];
    struct cmsghdr *control = CMSG_FIRSTHDR(&coming.headers[i].msg_hdr);
    struct in_pktinfo to;
    if (!control || control->cmsg_type != IP_PKTINFO)
        return false;
    memcpy(&to, CMSG_DATA(control), sizeof to);
    struct sockaddr_in expected = way->up ? session->relayed : account->server;
    if (way->direct)
        expected = at(way->up ? session->host : account->peer_host);
    return source->sin_addr.s_addr == expected.sin_addr.s_addr &&
           source->sin_port == expected.sin_port &&
           to.ipi_addr.s_addr == htonl(way->up ? account->peer_host : session->host);
}

static void miss(struct way *way, uint32_t flow, uint32_t number) {
    way->lost++;
    if (way->missed < MOST_MISSING)
        way->missing[way->missed++] = (struct missing){flow, number};
}

/* Whether a packet is one that others have overtaken; it is not lost then. */
static bool is_late(struct way *way, const struct mark *mark) {
    for (size_t i = 0; i < way->missed; i++) {
        struct missing *missing = &way->missing[i];
        if (missing->flow == mark->flow && missing->number == mark->number) {
            *missing = way->missing[--way->missed];
            way->lost--;
            way->late++;
            return true;
        }
    }
    return false;
}

static void take(struct way *way, const struct burden *burden, unsigned i) {
    struct mark mark;
    bool framed = !way->up && !way->direct;
    if (!read_packet(coming.octets[i], coming.headers[i].msg_len, &mark, burden->size, framed) ||
        mark.flow >= crowd->count || !is_in_place(way, &crowd->sessions[mark.flow], i)) {
        way->wrong++;
        return;
    }
    /* What was lost in a former run has been counted there. */
    if (mark.number >> RUN_SHIFT != run)
        return;
    uint32_t *next = &way->next[mark.flow];
    if (mark.number >= way->sent[mark.flow] || (mark.number < *next && !is_late(way, &mark))) {
        way->wrong++;
        return;
    }
    way->relayed++;
    for (; *next < mark.number; ++*next) {
        miss(way, mark.flow, *next);
        way->on_the_way--;
    }
    if (*next == mark.number) {
        ++*next;
        way->on_the_way--;
    }
}

static unsigned drain(struct way *way, const struct burden *burden, double time) {
    for (unsigned i = 0; i < BATCH; i++) {
        coming.pieces[i] = (struct iovec){coming.octets[i], sizeof coming.octets[i]};
        coming.headers[i].msg_hdr = (struct msghdr){
            .msg_name = &coming.addresses[i],
            .msg_namelen = sizeof coming.addresses[i],
            .msg_iov = &coming.pieces[i],
            .msg_iovlen = 1,
            .msg_control = &coming.controls[i],
            .msg_controllen = sizeof coming.controls[i],
        };
    }
    int got = recvmmsg(way->to, coming.headers, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++)
        take(way, burden, (unsigned)i);
    if (got > 0) {
        way->heard_at = time;
    } else if (way->on_the_way && time - way->heard_at > LONGEST_SILENCE) {
        way->lost += way->on_the_way;
        way->on_the_way = 0;
        memcpy(way->next, way->sent, crowd->count * sizeof *way->next);
        way->missed = 0;
        way->heard_at = time;
    }
    return got > 0 ? (unsigned)got : 0;
}

/* The generator's own work has to be the same whoever relays, as it is subtracted: it sleeps
   while the server has much to do, and then takes many packets at once. */
static void nap(void) { nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL); }

void burden(struct crowd *whole, const struct account *whose, const struct burden *wanted) {
    struct way ways[2] = {0};
    crowd = whole;
    account = whose;
    prctl(PR_SET_TIMERSLACK, 1000UL);
    prepare_packets();
    run = (run + 1) & 0x7f;
    double started = now(), time = started;
    for (int i = 0; i < 2; i++) {
        ways[i] = (struct way){
            .from = i ? whole->peer : whole->clients,
            .to = i ? whole->clients : whole->peer,
            .up = !i,
            .direct = wanted->direct,
            .sent = calloc(whole->count, sizeof(uint32_t)),
            .next = calloc(whole->count, sizeof(uint32_t)),
            .heard_at = started,
        };
        for (size_t client = 0; client < whole->count; client++)
            ways[i].sent[client] = ways[i].next[client] = run << RUN_SHIFT;
    }
    for (; time - started < wanted->seconds; time = now()) {
        unsigned got = 0;
        for (int i = 0; i < 2; i++) {
            got += drain(&ways[i], wanted, time);
            fill(&ways[i], wanted);
        }
        if (got < wanted->flight)
            nap();
    }
    double until = time + 2 * LONGEST_SILENCE;
    while (ways[0].on_the_way + ways[1].on_the_way + ways[0].missed + ways[1].missed &&
           now() < until)
        if (drain(&ways[0], wanted, now()) + drain(&ways[1], wanted, now()) == 0)
            nap();
    printf("{\"relayed\": %lu, \"lost\": %lu, \"late\": %lu, \"wrong\": %lu, \"seconds\": %.6f}\n",
           ways[0].relayed + ways[1].relayed,
           ways[0].lost + ways[1].lost + ways[0].on_the_way + ways[1].on_the_way,
           ways[0].late + ways[1].late, ways[0].wrong + ways[1].wrong, time - started);
    for (int i = 0; i < 2; i++) {
        free(ways[i].sent);
        free(ways[i].next);
    }
}
