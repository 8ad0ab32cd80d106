#include "sha1.h"

#include <string.h>

enum { BLOCK = 64 };

struct sha1 {
    uint32_t state[5];
    uint8_t block[BLOCK];
    size_t filled;
    uint64_t octets;
};

static uint32_t rotated(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

static void take_block(struct sha1 *sum) {
    uint32_t w[80];
    for (int i = 0; i < 16; i++) {
        const uint8_t *at = sum->block + 4 * i;
        w[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    }
    for (int i = 16; i < 80; i++)
        w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = sum->state[0], b = sum->state[1], c = sum->state[2], d = sum->state[3],
             e = sum->state[4];
    for (int i = 0; i < 80; i++) {
        uint32_t mixed;
        if (i < 20)
            mixed = (b & c | ~b & d) + 0x5a827999;
        else if (i < 40)
            mixed = (b ^ c ^ d) + 0x6ed9eba1;
        else if (i < 60)
            mixed = (b & c | b & d | c & d) + 0x8f1bbcdc;
        else
            mixed = (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = rotated(a, 5) + mixed + e + w[i];
        e = d;
        d = c;
        c = rotated(b, 30);
        b = a;
        a = next;
    }
    sum->state[0] += a;
    sum->state[1] += b;
    sum->state[2] += c;
    sum->state[3] += d;
    sum->state[4] += e;
    sum->filled = 0;
}

static void begin(struct sha1 *sum) {
    static const uint32_t first[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    memcpy(sum->state, first, sizeof first);
    sum->filled = 0;
    sum->octets = 0;
}

static void take(struct sha1 *sum, const uint8_t *data, size_t size) {
    sum->octets += size;
    while (size--) {
        sum->block[sum->filled++] = *data++;
        if (sum->filled == BLOCK)
            take_block(sum);
    }
}

static void end(struct sha1 *sum, uint8_t digest[SHA1_SIZE]) {
    uint64_t bits = sum->octets * 8;
    uint8_t length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    take(sum, (const uint8_t[]){0x80}, 1);
    while (sum->filled != BLOCK - sizeof length)
        take(sum, (const uint8_t[]){0}, 1);
    take(sum, length, sizeof length);
    for (int i = 0; i < SHA1_SIZE; i++)
        digest[i] = (uint8_t)(sum->state[i / 4] >> (24 - 8 * (i % 4)));
}

void hmac_sha1(const uint8_t *key, size_t key_size, const uint8_t *data, size_t size,
               uint8_t digest[SHA1_SIZE]) {
    uint8_t inner[BLOCK], outer[BLOCK];
    for (size_t i = 0; i < BLOCK; i++) {
        uint8_t octet = i < key_size ? key[i] : 0;
        inner[i] = octet ^ 0x36;
        outer[i] = octet ^ 0x5c;
    }
    struct sha1 sum;
    begin(&sum);
    take(&sum, inner, BLOCK);
    take(&sum, data, size);
    end(&sum, digest);
    begin(&sum);
    take(&sum, outer, BLOCK);
    take(&sum, digest, SHA1_SIZE);
    end(&sum, digest);
}
