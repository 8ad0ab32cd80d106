#include "cycles.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { MOST_CLIENTS = 256, SMALL_STACK = 256 * 1024 };

struct client {
    const struct account *account;
    double until;
    unsigned long cycles, failures;
    const char *failure;
    int code;
    pthread_t thread;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void *come_and_go(void *argument) {
    struct client *client = argument;
    const struct sockaddr_in peer = {
        .sin_family = AF_INET,
        .sin_port = htons(40000),
        .sin_addr.s_addr = htonl(client->account->peer_host),
    };
    while (now() < client->until) {
        struct session session;
        bool opened = open_session(&session, client->account, next_client_socket(client->account));
        bool bound = opened && bind_channel(&session, &peer);
        const char *failure = session.failure;
        int code = session.code;
        bool closed = opened && close_session(&session);
        if (bound && closed) {
            client->cycles++;
            continue;
        }
        client->failures++;
        client->failure = failure ? failure : session.failure;
        client->code = failure ? code : session.code;
    }
    return NULL;
}

void run_cycles(const struct account *account, unsigned clients, double seconds) {
    static struct client all[MOST_CLIENTS];
    unsigned long cycles = 0, failures = 0;
    const char *failure = "";
    int code = 0;
    pthread_attr_t small;
    double started = now();
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, SMALL_STACK);
    if (clients > MOST_CLIENTS)
        clients = MOST_CLIENTS;
    for (unsigned i = 0; i < clients; i++) {
        all[i] = (struct client){.account = account, .until = started + seconds};
        pthread_create(&all[i].thread, &small, come_and_go, &all[i]);
    }
    for (unsigned i = 0; i < clients; i++) {
        pthread_join(all[i].thread, NULL);
        cycles += all[i].cycles;
        failures += all[i].failures;
        if (all[i].failure) {
            failure = all[i].failure;
            code = all[i].code;
        }
    }
    printf("{\"cycles\": %lu, \"failures\": %lu, \"failure\": \"%s\", \"code\": %d, "
           "\"seconds\": %.6f}\n",
           cycles, failures, failure, code, now() - started);
}
