#define _GNU_SOURCE
#include "flows.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "packet.h"

enum {
    BATCH = 64,
    SILENCE_US = 1000 * 1000, /* After so long what is on the way is lost. */
};

/* What is on the way on one flow in one direction. */
struct lane {
    int from, to;
    bool framed_from, framed_to; /* Whether this end speaks ChannelData. */
    uint32_t sent, next;         /* The number of the next packet to go out, and to come in. */
    double heard_at;
};

struct counts {
    uint64_t relayed, lost, wrong;
};

static uint8_t outgoing[BATCH][HEADER + LARGEST], incoming[BATCH][HEADER + LARGEST + 64];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

bool open_flow(struct flow *flow, const struct account *account) {
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    flow->peer = peer_socket(account);
    if (flow->peer < 0 || getsockname(flow->peer, (struct sockaddr *)&peer, &size) < 0 ||
        !open_session(&flow->session, account, next_client_socket(account)))
        return false;
    const struct sockaddr *relayed = (const struct sockaddr *)&flow->session.relayed;
    return bind_channel(&flow->session, &peer) && connect(flow->peer, relayed, sizeof peer) == 0;
}

bool close_flow(struct flow *flow) {
    close(flow->peer);
    return close_session(&flow->session);
}

static void fill(struct lane *lane, const struct traffic *traffic) {
    struct mmsghdr headers[BATCH] = {0};
    struct iovec pieces[BATCH];
    uint32_t on_the_way = lane->sent - lane->next;
    unsigned room = traffic->window > on_the_way ? traffic->window - on_the_way : 0;
    if (room > BATCH)
        room = BATCH;
    for (unsigned i = 0; i < room; i++) {
        struct mark mark = {.number = lane->sent + i};
        size_t size = write_packet(outgoing[i], &mark, traffic->size, lane->framed_from);
        pieces[i] = (struct iovec){outgoing[i], size};
        headers[i].msg_hdr.msg_iov = &pieces[i];
        headers[i].msg_hdr.msg_iovlen = 1;
    }
    int gone = room ? sendmmsg(lane->from, headers, room, MSG_DONTWAIT) : 0;
    if (gone > 0)
        lane->sent += (uint32_t)gone;
}

static void drain(struct lane *lane, const struct traffic *traffic, double time,
                  struct counts *counts) {
    struct mmsghdr headers[BATCH] = {0};
    struct iovec pieces[BATCH];
    for (unsigned i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec){incoming[i], sizeof incoming[i]};
        headers[i].msg_hdr.msg_iov = &pieces[i];
        headers[i].msg_hdr.msg_iovlen = 1;
    }
    int got = recvmmsg(lane->to, headers, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++) {
        struct mark mark;
        if (!read_packet(incoming[i], headers[i].msg_len, &mark, traffic->size,
                         lane->framed_to) ||
            mark.number < lane->next || mark.number >= lane->sent) {
            counts->wrong++;
            continue;
        }
        counts->lost += mark.number - lane->next;
        counts->relayed++;
        lane->next = mark.number + 1;
    }
    if (got > 0)
        lane->heard_at = time;
    else if (lane->next < lane->sent && time - lane->heard_at > SILENCE_US * 1e-6) {
        counts->lost += lane->sent - lane->next;
        lane->next = lane->sent;
        lane->heard_at = time;
    }
}

/* Keeps a window full on every flow: the server always has something to do, and its buffers are
   never overrun, so that every packet can be asked for. */
void saturate(struct flow *flows, size_t count, const struct traffic *traffic) {
    struct lane *lanes = calloc(count, sizeof *lanes);
    struct counts counts = {0};
    prepare_packets();
    double started = now(), time = started;
    for (size_t i = 0; i < count; i++) {
        int client = flows[i].session.client, peer = flows[i].peer;
        lanes[i] = (struct lane){
            .from = traffic->up ? client : peer,
            .to = traffic->up ? peer : client,
            .framed_from = traffic->up,
            .framed_to = !traffic->up,
            .heard_at = started,
        };
    }
    for (; time - started < traffic->seconds; time = now())
        for (size_t i = 0; i < count; i++) {
            drain(&lanes[i], traffic, time, &counts);
            fill(&lanes[i], traffic);
        }
    uint64_t on_the_way = 1;
    for (double until = now() + 2 * SILENCE_US * 1e-6; on_the_way && now() < until;) {
        on_the_way = 0;
        for (size_t i = 0; i < count; i++) {
            drain(&lanes[i], traffic, now(), &counts);
            on_the_way += lanes[i].sent - lanes[i].next;
        }
    }
    printf("{\"relayed\": %lu, \"lost\": %lu, \"wrong\": %lu, \"seconds\": %.6f}\n",
           counts.relayed, counts.lost + on_the_way, counts.wrong, time - started);
    free(lanes);
}

static int by_size(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return a > b ? 1 : a < b ? -1 : 0;
}

/* Sends evenly spaced packets, each flow in turn; the peers send back what they get. */
void round_trips(struct flow *flows, size_t count, const struct traffic *traffic) {
    size_t wanted = (size_t)(traffic->rate * traffic->seconds), sent = 0, heard = 0, wrong = 0;
    double *trips = calloc(wanted, sizeof *trips);
    double started = now(), time = started;
    prepare_packets();
    while (heard + wrong < wanted && time - started < traffic->seconds + 1) {
        time = now();
        if (sent < wanted && time >= started + (double)sent / traffic->rate) {
            struct mark mark = {.number = (uint32_t)sent, .sent_at = time};
            size_t size = write_packet(outgoing[0], &mark, traffic->size, true);
            send(flows[sent % count].session.client, outgoing[0], size, MSG_DONTWAIT);
            sent++;
        }
        for (size_t i = 0; i < count; i++) {
            ssize_t got = recv(flows[i].peer, incoming[0], sizeof incoming[0], MSG_DONTWAIT);
            if (got > 0)
                send(flows[i].peer, incoming[0], (size_t)got, MSG_DONTWAIT);
            got = recv(flows[i].session.client, incoming[0], sizeof incoming[0], MSG_DONTWAIT);
            if (got <= 0)
                continue;
            struct mark mark;
            if (read_packet(incoming[0], (size_t)got, &mark, traffic->size, true))
                trips[heard++] = now() - mark.sent_at;
            else
                wrong++;
        }
    }
    qsort(trips, heard, sizeof *trips, by_size);
    double p50 = heard ? trips[heard / 2] : 0, p99 = heard ? trips[heard * 99 / 100] : 0;
    printf("{\"relayed\": %zu, \"lost\": %zu, \"wrong\": %zu, \"p50\": %.9f, \"p99\": %.9f}\n",
           2 * heard, wanted - heard - wrong, wrong, p50, p99);
    free(trips);
}
