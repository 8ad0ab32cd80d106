/* Payloads whose octets follow from their numbers, so that every one can be checked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HEADER = 4,     /* Of ChannelData. */
    LARGEST = 1500, /* Octets of payload. */
};

/* What a payload begins with. */
struct mark {
    uint32_t flow, number;
    double sent_at;
};

void prepare_packets(void);
/* Writes a payload, with a header of ChannelData where it is framed; returns its size. */
size_t write_packet(uint8_t *at, const struct mark *mark, size_t size, bool framed);
bool read_packet(const uint8_t *at, size_t got, struct mark *mark, size_t size, bool framed);
