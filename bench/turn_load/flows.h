/* Traffic through open allocations: as much as the server can take, or at a rate. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "session.h"

struct flow {
    struct session session;
    int peer; /* Connected to the relayed address. */
};

struct traffic {
    size_t size;    /* Octets of payload. */
    double seconds;
    bool up;        /* From clients to peers; else from peers to clients. */
    unsigned window; /* Packets a flow may have on the way. */
    double rate;    /* Packets a second of all flows together, for round trips. */
};

bool open_flow(struct flow *flow, const struct account *account);
bool close_flow(struct flow *flow);

/* Each prints one line of JSON. */
void saturate(struct flow *flows, size_t count, const struct traffic *traffic);
void round_trips(struct flow *flows, size_t count, const struct traffic *traffic);
