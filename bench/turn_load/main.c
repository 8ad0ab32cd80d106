/* A load generator for TURN servers: it reads commands, one a line, and answers each with a line
   of JSON.

     open N                    have N allocations, each with a bound channel, in all
     up SIZE WINDOW SECONDS    from clients to peers, as fast as the server can
     down SIZE WINDOW SECONDS  from peers to clients
     trip SIZE RATE SECONDS    to the peers and back, at a rate
     cycle CLIENTS SECONDS     allocate, bind a channel and release, again and again

     gather N                  have a crowd of N clients with a channel to one peer, in all
     crowd SIZE FLIGHT SECONDS     both ways, every packet another client's
     direct SIZE FLIGHT SECONDS    the same past the relay

   At the end of its input it releases what it has. CLIENTS is the host before the first client's;
   NETWORK the file of a network namespace, which the peers are in. */

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "burden.h"
#include "cycles.h"
#include "flows.h"

enum { MOST_FLOWS = 8000, SMALLEST = 16, LARGEST_SIZE = 1400 }; /* Octets of payload. */

static struct flow flows[MOST_FLOWS];
static size_t opened;
static struct crowd crowd;

static void open_flows(const struct account *account, size_t wanted) {
    const char *failure = "";
    int code = 0;
    while (opened < wanted && opened < MOST_FLOWS) {
        struct flow *flow = &flows[opened];
        if (!open_flow(flow, account)) {
            failure = flow->session.failure ? flow->session.failure : "no socket";
            code = flow->session.code;
            break;
        }
        opened++;
    }
    printf("{\"opened\": %zu, \"failure\": \"%s\", \"code\": %d}\n", opened, failure, code);
}

static void gather_crowd(const struct account *account, size_t wanted) {
    const struct session *last = &(const struct session){0};
    if (!gather(&crowd, account, wanted))
        last = crowd.count ? &crowd.sessions[--crowd.count] : last;
    printf("{\"opened\": %zu, \"failure\": \"%s\", \"code\": %d}\n", crowd.count,
           last->failure ? last->failure : "", last->code);
}

static bool is_possible(size_t clients, size_t size) {
    return clients && size >= SMALLEST && size <= LARGEST_SIZE;
}

static void obey(const struct account *account, const char *line) {
    struct traffic traffic = {0};
    struct burden wanted = {0};
    unsigned number;
    char word[8];
    if (sscanf(line, "open %u", &number) == 1)
        open_flows(account, number);
    else if (sscanf(line, "gather %u", &number) == 1)
        gather_crowd(account, number);
    else if (sscanf(line, "cycle %u %lf", &number, &traffic.seconds) == 2)
        run_cycles(account, number, traffic.seconds);
    else if (sscanf(line, "trip %zu %lf %lf", &traffic.size, &traffic.rate, &traffic.seconds) == 3
             && is_possible(opened, traffic.size))
        round_trips(flows, opened, &traffic);
    else if (sscanf(line, "%7s %zu %u %lf", word, &wanted.size, &wanted.flight,
                    &wanted.seconds) == 4 && is_possible(crowd.count, wanted.size) &&
             (strcmp(word, "crowd") == 0 || strcmp(word, "direct") == 0)) {
        wanted.direct = strcmp(word, "direct") == 0;
        burden(&crowd, account, &wanted);
    } else if (sscanf(line, "%7s %zu %u %lf", word, &traffic.size, &traffic.window,
                    &traffic.seconds) == 4 && is_possible(opened, traffic.size)) {
        traffic.up = strcmp(word, "up") == 0;
        saturate(flows, opened, &traffic);
    } else
        printf("{\"failure\": \"not understood\"}\n");
    fflush(stdout);
}

static bool read_host(const char *text, uint32_t *host) {
    struct in_addr address;
    bool is_good = inet_pton(AF_INET, text, &address) == 1;
    *host = ntohl(address.s_addr);
    return is_good;
}

int main(int count, char **arguments) {
    struct account account = {.server.sin_family = AF_INET, .peers_in = HERE};
    char line[128];
    if (count < 7 || inet_pton(AF_INET, arguments[1], &account.server.sin_addr) != 1 ||
        strlen(arguments[4]) != 2 * sizeof account.key ||
        !read_host(arguments[5], &account.client_hosts) ||
        !read_host(arguments[6], &account.peer_host)) {
        fprintf(stderr, "usage: turn_load HOST PORT USER KEY CLIENTS PEER [NETWORK]\n");
        return 2;
    }
    if (count > 7 && (account.peers_in = open(arguments[7], O_RDONLY | O_CLOEXEC)) < 0) {
        perror(arguments[7]);
        return 1;
    }
    account.server.sin_port = htons((uint16_t)atoi(arguments[2]));
    account.user = arguments[3];
    for (size_t i = 0; i < sizeof account.key; i++) {
        unsigned octet;
        if (sscanf(arguments[4] + 2 * i, "%2x", &octet) != 1)
            return 2;
        account.key[i] = (uint8_t)octet;
    }
    while (fgets(line, sizeof line, stdin))
        obey(&account, line);
    while (opened)
        close_flow(&flows[--opened]);
    disperse(&crowd);
    return 0;
}
