#define _GNU_SOURCE
#include "crowd.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ABOVE_SERVER = 10000, /* A crowd's port less its server's: each crowd has its own. */
    BUFFER = 16 << 20,
};

uint16_t crowd_port(const struct account *account) {
    return (uint16_t)(ntohs(account->server.sin_port) + ABOVE_SERVER);
}

static int shared_socket(int network, uint16_t port) {
    struct sockaddr_in anywhere = {.sin_family = AF_INET, .sin_port = htons(port)};
    int made = socket_in(network), one = 1, buffer = BUFFER;
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(made, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    setsockopt(made, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
    setsockopt(made, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
    if (made >= 0 && bind(made, (struct sockaddr *)&anywhere, sizeof anywhere) == 0)
        return made;
    close(made);
    return -1;
}

static bool open_sockets(struct crowd *crowd, const struct account *account) {
    if (!crowd->peer) {
        crowd->clients = shared_socket(HERE, crowd_port(account));
        crowd->peer = shared_socket(account->peers_in, crowd_port(account));
    }
    return crowd->clients >= 0 && crowd->peer >= 0;
}

/* A permission lasts five minutes, and a long run longer. */
static bool bind_again(struct session *session, const struct sockaddr_in *peer) {
    uint16_t port = crowd_port(session->account);
    bool is_bound = rejoin(session, client_socket(session->host, port)) &&
                    bind_channel(session, peer);
    close(session->client);
    session->client = -1;
    return is_bound;
}

bool gather(struct crowd *crowd, const struct account *account, size_t wanted) {
    struct sockaddr_in peer = {
        .sin_family = AF_INET,
        .sin_port = htons(crowd_port(account)),
        .sin_addr.s_addr = htonl(account->peer_host),
    };
    crowd->sessions = realloc(crowd->sessions, wanted * sizeof *crowd->sessions);
    if (!open_sockets(crowd, account))
        return false;
    for (size_t i = 0; i < crowd->count; i++)
        if (!bind_again(&crowd->sessions[i], &peer))
            return false;
    while (crowd->count < wanted) {
        struct session *session = &crowd->sessions[crowd->count++];
        uint32_t host = account->client_hosts + (uint32_t)crowd->count;
        int socket = client_socket(host, crowd_port(account));
        if (!open_session(session, account, socket) || !bind_channel(session, &peer))
            return false;
        /* From now on the crowd's own socket hears what comes for it. */
        close(session->client);
        session->client = -1;
        session->host = host;
    }
    return true;
}

void disperse(struct crowd *crowd) {
    while (crowd->count) {
        struct session *session = &crowd->sessions[--crowd->count];
        uint16_t port = crowd_port(session->account);
        if (session->client < 0 && !rejoin(session, client_socket(session->host, port)))
            continue;
        close_session(session);
    }
}
