/* SHA-1 (RFC 3174) and its HMAC (RFC 2104): what signs a STUN message. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SHA1_SIZE = 20 };

void hmac_sha1(const uint8_t *key, size_t key_size, const uint8_t *data, size_t size,
               uint8_t digest[SHA1_SIZE]);
