/* What a crowd has relayed: every packet belongs to another client than the one before, and whole
   batches go out and come in by one system call. */
#pragma once

#include "crowd.h"

struct burden {
    size_t size;     /* Octets of payload. */
    unsigned flight; /* Packets on the way each way, of all clients together. */
    double seconds;
    bool direct;     /* Past the relay. */
};

/* Relays both ways at once and prints one line of JSON. */
void burden(struct crowd *crowd, const struct account *account, const struct burden *wanted);
