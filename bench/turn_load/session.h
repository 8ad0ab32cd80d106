/* One client with its allocation and one bound channel, and the peer behind it. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "stun.h"

enum { CHANNEL = 0x4000, PEER_HOST = 0x7f020001 /* 127.2.0.1 */ };

struct account {
    struct sockaddr_in server;
    const char *user;
    uint8_t key[16]; /* MD5 over user, realm and password (RFC 8489 section 18.5.1.1). */
};

struct session {
    const struct account *account;
    int client; /* Connected to the server. */
    struct sockaddr_in relayed;
    uint8_t realm[128], nonce[256];
    size_t realm_size, nonce_size;
    const char *failure; /* What went wrong, when something did. */
    int code;
};

/* Opens a socket, and makes an allocation as a new client does: the first request is refused with
   a challenge, the second one answers it. */
bool open_session(struct session *session, const struct account *account);
bool bind_channel(struct session *session, const struct sockaddr_in *peer);
/* Releases the allocation by a Refresh of 0 seconds and closes the socket. */
bool close_session(struct session *session);

/* Every client has a host of its own, as in life; the peers share one. */
int client_socket(void);
int peer_socket(void);
