#include "stun.h"

#include <arpa/inet.h>
#include <string.h>

#include "sha1.h"

enum { HEADER = 20, COOKIE = 0x2112a442, SUCCESS = 0x0100, ERROR = 0x0110 };

static void put16(uint8_t *at, unsigned number) {
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

static unsigned get16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }

static void put_length(struct message *message) {
    put16(message->octets + 2, (unsigned)(message->size - HEADER));
}

void begin_request(struct message *message, enum method method, const uint8_t transaction[12]) {
    uint32_t cookie = htonl(COOKIE);
    put16(message->octets, method);
    memcpy(message->octets + 4, &cookie, sizeof cookie);
    memcpy(message->octets + 8, transaction, 12);
    message->size = HEADER;
    put_length(message);
}

void add(struct message *message, enum attribute attribute, const void *value, size_t size) {
    size_t padded = size + 3 & ~(size_t)3;
    uint8_t *at = message->octets + message->size;
    if (message->size + 4 + padded > sizeof message->octets)
        return;
    put16(at, attribute);
    put16(at + 2, (unsigned)size);
    memset(at + 4, 0, padded);
    memcpy(at + 4, value, size);
    message->size += 4 + padded;
    put_length(message);
}

void add_address(struct message *message, enum attribute attribute,
                 const struct sockaddr_in *address) {
    uint8_t value[8] = {0, 1};
    uint32_t host = address->sin_addr.s_addr ^ htonl(COOKIE);
    put16(value + 2, ntohs(address->sin_port) ^ COOKIE >> 16);
    memcpy(value + 4, &host, sizeof host);
    add(message, attribute, value, sizeof value);
}

void sign(struct message *message, const uint8_t key[16]) {
    uint8_t digest[SHA1_SIZE];
    size_t before = message->size;
    /* The length covers the attribute that is still to come (RFC 8489 section 14.5). */
    put16(message->octets + 2, (unsigned)(before - HEADER + 4 + SHA1_SIZE));
    hmac_sha1(key, 16, message->octets, before, digest);
    add(message, MESSAGE_INTEGRITY, digest, sizeof digest);
}

bool is_answer_to(const struct message *request, const uint8_t *data, size_t size) {
    return size >= HEADER && get16(data + 2) + HEADER == size &&
           memcmp(data + 4, request->octets + 4, 16) == 0 &&
           (get16(data) & ~ERROR) == get16(request->octets);
}

bool is_success(const uint8_t *data) { return (get16(data) & ERROR) == SUCCESS; }

struct value find(const uint8_t *data, size_t size, enum attribute attribute) {
    for (size_t at = HEADER; at + 4 <= size;) {
        size_t length = get16(data + at + 2);
        if (at + 4 + length > size)
            break;
        if (get16(data + at) == (unsigned)attribute)
            return (struct value){data + at + 4, length};
        at += 4 + (length + 3 & ~(size_t)3);
    }
    return (struct value){NULL, 0};
}

int error_code(const uint8_t *data, size_t size) {
    struct value value = find(data, size, ERROR_CODE);
    return value.size < 4 ? 0 : value.octets[2] * 100 + value.octets[3];
}

bool read_address(struct value value, struct sockaddr_in *address) {
    uint32_t host;
    if (value.size != 8 || value.octets[1] != 1)
        return false;
    memcpy(&host, value.octets + 4, sizeof host);
    *address = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)(get16(value.octets + 2) ^ COOKIE >> 16)),
        .sin_addr.s_addr = host ^ htonl(COOKIE),
    };
    return true;
}
