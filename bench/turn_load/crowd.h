/* A crowd of clients on one socket, and their one peer. */
#pragma once

#include <stddef.h>

#include "session.h"

struct crowd {
    struct session *sessions;
    size_t count;
    int clients, peer; /* Sockets that hear for all of them. */
};

uint16_t crowd_port(const struct account *account);
/* Has so many clients in all, each with a channel to the peer; false when one failed, which is
   the last of `sessions` then. */
bool gather(struct crowd *crowd, const struct account *account, size_t wanted);
void disperse(struct crowd *crowd);
