#define _GNU_SOURCE
#include "session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    TRIES = 7,                /* Rc of RFC 8489 section 6.2.1. */
    PATIENCE_US = 500 * 1000, /* Its RTO. */
    BUFFER = 1 << 20,
    UDP = 17,
    MOST_HOSTS = 65000,
    STALE_NONCE = 438,
};

/* A network is entered for as long as it takes to make a socket in it. */
int socket_in(int network) {
    int home = network == HERE ? HERE : open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (network != HERE && (home < 0 || setns(network, CLONE_NEWNET) < 0))
        return -1;
    int made = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (network != HERE) {
        if (setns(home, CLONE_NEWNET) < 0)
            abort();
        close(home);
    }
    return made;
}

static int bound_socket(int network, uint32_t host, uint16_t port) {
    struct sockaddr_in local = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(host)};
    int made = socket_in(network), buffer = BUFFER, one = 1;
    if (made < 0)
        return -1;
    setsockopt(made, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    setsockopt(made, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    if (port)
        setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(made, (struct sockaddr *)&local, sizeof local) == 0)
        return made;
    close(made);
    return -1;
}

int client_socket(uint32_t host, uint16_t port) { return bound_socket(HERE, host, port); }

int next_client_socket(const struct account *account) {
    static atomic_uint clients;
    return client_socket(account->client_hosts + 1 + clients++ % MOST_HOSTS, 0);
}

int peer_socket(const struct account *account) {
    return bound_socket(account->peers_in, account->peer_host, 0);
}

static bool failed(struct session *session, const char *failure, int code) {
    session->failure = failure;
    session->code = code;
    return false;
}

static void begin(struct message *message, enum method method) {
    uint8_t transaction[12];
    if (getrandom(transaction, sizeof transaction, 0) != sizeof transaction)
        memset(transaction, 0, sizeof transaction);
    begin_request(message, method, transaction);
}

/* Sends a request until it is answered; returns the size of the answer, or -1. */
static ssize_t ask(struct session *session, const struct message *request, uint8_t *answer,
                   size_t most) {
    for (int i = 0; i < TRIES; i++) {
        if (send(session->client, request->octets, request->size, 0) < 0 && errno != ECONNREFUSED)
            return -1;
        ssize_t size;
        while ((size = recv(session->client, answer, most, 0)) >= 0)
            if (is_answer_to(request, answer, (size_t)size))
                return size;
    }
    return -1;
}

static void add_credentials(struct session *session, struct message *message) {
    const char *user = session->account->user;
    add(message, USERNAME, user, strlen(user));
    add(message, REALM, session->realm, session->realm_size);
    add(message, NONCE, session->nonce, session->nonce_size);
    sign(message, session->account->key);
}

static bool learn(struct session *session, const uint8_t *answer, size_t size) {
    struct value realm = find(answer, size, REALM), nonce = find(answer, size, NONCE);
    if (!realm.octets || !nonce.octets || realm.size > sizeof session->realm ||
        nonce.size > sizeof session->nonce)
        return false;
    memcpy(session->realm, realm.octets, session->realm_size = realm.size);
    memcpy(session->nonce, nonce.octets, session->nonce_size = nonce.size);
    return true;
}

static bool allocate(struct session *session) {
    static const uint8_t udp[4] = {UDP}, hour[4] = {[2] = 3600 >> 8, [3] = 3600 & 0xff};
    struct message request;
    uint8_t answer[1500];
    begin(&request, ALLOCATE);
    add(&request, REQUESTED_TRANSPORT, udp, sizeof udp);
    ssize_t size = ask(session, &request, answer, sizeof answer);
    if (size < 0)
        return failed(session, "the first Allocate is not answered", errno);
    if (error_code(answer, (size_t)size) != 401 || !learn(session, answer, (size_t)size))
        return failed(session, "no challenge", error_code(answer, (size_t)size));
    begin(&request, ALLOCATE);
    add(&request, REQUESTED_TRANSPORT, udp, sizeof udp);
    /* Nobody refreshes it, and a run with everything takes longer than the usual ten minutes. */
    add(&request, LIFETIME, hour, sizeof hour);
    add_credentials(session, &request);
    size = ask(session, &request, answer, sizeof answer);
    if (size < 0)
        return failed(session, "Allocate is not answered", errno);
    if (!is_success(answer))
        return failed(session, "Allocate is refused", error_code(answer, (size_t)size));
    if (!read_address(find(answer, (size_t)size, XOR_RELAYED_ADDRESS), &session->relayed))
        return failed(session, "no relayed address", 0);
    return true;
}

bool rejoin(struct session *session, int client) {
    struct timeval patience = {.tv_usec = PATIENCE_US};
    const struct sockaddr *server = (const struct sockaddr *)&session->account->server;
    session->client = client;
    if (client < 0)
        return failed(session, "no socket", errno);
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return connect(client, server, sizeof session->account->server) == 0;
}

bool open_session(struct session *session, const struct account *account, int client) {
    *session = (struct session){.account = account};
    if (rejoin(session, client) && allocate(session))
        return true;
    if (client >= 0)
        close(client);
    return false;
}

bool bind_channel(struct session *session, const struct sockaddr_in *peer) {
    static const uint8_t number[4] = {CHANNEL >> 8};
    struct message request;
    uint8_t answer[1500];
    int tries = 2;
    ssize_t size;
    do {
        begin(&request, CHANNEL_BIND);
        add(&request, CHANNEL_NUMBER, number, sizeof number);
        add_address(&request, XOR_PEER_ADDRESS, peer);
        add_credentials(session, &request);
        size = ask(session, &request, answer, sizeof answer);
    } while (--tries && size > 0 && error_code(answer, (size_t)size) == STALE_NONCE &&
             learn(session, answer, (size_t)size));
    if (size < 0 || !is_success(answer))
        return failed(session, "ChannelBind is refused",
                      size < 0 ? 0 : error_code(answer, (size_t)size));
    return true;
}

bool close_session(struct session *session) {
    static const uint8_t none[4];
    struct message request;
    uint8_t answer[1500];
    begin(&request, REFRESH);
    add(&request, LIFETIME, none, sizeof none);
    add_credentials(session, &request);
    ssize_t size = ask(session, &request, answer, sizeof answer);
    close(session->client);
    if (size < 0 || !is_success(answer))
        return failed(session, "Refresh is refused",
                      size < 0 ? 0 : error_code(answer, (size_t)size));
    return true;
}
