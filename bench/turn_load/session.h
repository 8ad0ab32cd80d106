/* One client with its allocation and one bound channel, and the peer behind it. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "stun.h"

enum {
    CHANNEL = 0x4000,
    HERE = -1, /* The network of this process. */
};

struct account {
    struct sockaddr_in server;
    uint32_t client_hosts; /* The first of the hosts of clients, each of which has its own. */
    uint32_t peer_host;    /* The peers share one. */
    int peers_in;          /* The network namespace peers are in, or HERE. */
    const char *user;
    uint8_t key[16]; /* MD5 over user, realm and password (RFC 8489 section 18.5.1.1). */
};

struct session {
    const struct account *account;
    int client; /* Connected to the server; -1 when others hear for it. */
    uint32_t host;
    struct sockaddr_in relayed;
    uint8_t realm[128], nonce[256];
    size_t realm_size, nonce_size;
    const char *failure; /* What went wrong, when something did. */
    int code;
};

/* Makes an allocation by a socket as a new client does: the first request is refused with a
   challenge, the second one answers it. The socket is the session's from then on. */
bool open_session(struct session *session, const struct account *account, int client);
/* Gives it a socket of the same address again. */
bool rejoin(struct session *session, int client);
bool bind_channel(struct session *session, const struct sockaddr_in *peer);
/* Releases the allocation by a Refresh of 0 seconds and closes the socket. */
bool close_session(struct session *session);

int socket_in(int network);
/* Every client has a host of its own, as in life. */
int next_client_socket(const struct account *account);
int client_socket(uint32_t host, uint16_t port);
int peer_socket(const struct account *account);
