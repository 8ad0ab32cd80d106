/* A crowd of clients on one socket, and their peer: every packet belongs to another client than the
   one before, and whole batches go out and come in by one system call. */
#pragma once

#include <stddef.h>

#include "session.h"

struct crowd {
    struct session *sessions;
    size_t count;
    int clients, peer; /* Sockets. */
};

struct burden {
    size_t size;     /* Octets of payload. */
    unsigned flight; /* Packets on the way each way, of all clients together. */
    double seconds;
    bool direct;     /* Past the relay. */
};

/* Has so many clients in all, each with a channel to the peer; false when one failed, which is
   the last of `sessions` then. */
bool gather(struct crowd *crowd, const struct account *account, size_t wanted);
/* Relays both ways at once and prints one line of JSON. */
void burden(struct crowd *crowd, const struct account *account, const struct burden *wanted);
void disperse(struct crowd *crowd);
