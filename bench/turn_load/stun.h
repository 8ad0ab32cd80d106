/* STUN messages (RFC 8489), as a client of TURN writes and reads them. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum method { ALLOCATE = 0x003, REFRESH = 0x004, CHANNEL_BIND = 0x009 };

enum attribute {
    USERNAME = 0x0006,
    MESSAGE_INTEGRITY = 0x0008,
    ERROR_CODE = 0x0009,
    CHANNEL_NUMBER = 0x000c,
    LIFETIME = 0x000d,
    XOR_PEER_ADDRESS = 0x0012,
    REALM = 0x0014,
    NONCE = 0x0015,
    XOR_RELAYED_ADDRESS = 0x0016,
    REQUESTED_TRANSPORT = 0x0019,
};

struct message {
    size_t size;
    uint8_t octets[1024];
};

struct value {
    const uint8_t *octets; /* NULL: the attribute is not there. */
    size_t size;
};

void begin_request(struct message *message, enum method method, const uint8_t transaction[12]);
void add(struct message *message, enum attribute attribute, const void *value, size_t size);
void add_address(struct message *message, enum attribute attribute,
                 const struct sockaddr_in *address);
void sign(struct message *message, const uint8_t key[16]);

bool is_answer_to(const struct message *request, const uint8_t *data, size_t size);
bool is_success(const uint8_t *data);
struct value find(const uint8_t *data, size_t size, enum attribute attribute);
int error_code(const uint8_t *data, size_t size); /* 0 without ERROR-CODE. */
bool read_address(struct value value, struct sockaddr_in *address);
