#include "packet.h"

#include <string.h>

#include "session.h"

static uint8_t pattern[LARGEST + 256];

void prepare_packets(void) {
    uint32_t chance = 1;
    for (size_t i = 0; i < sizeof pattern; i++) {
        chance = chance * 1664525 + 1013904223;
        pattern[i] = (uint8_t)(chance >> 24);
    }
}

static const uint8_t *rest(const struct mark *mark) {
    return pattern + ((mark->flow * 7 + mark->number) & 255);
}

size_t write_packet(uint8_t *at, const struct mark *mark, size_t size, bool framed) {
    uint8_t *payload = framed ? at + HEADER : at;
    if (framed) {
        at[0] = CHANNEL >> 8;
        at[1] = CHANNEL & 255;
        at[2] = (uint8_t)(size >> 8);
        at[3] = (uint8_t)size;
    }
    memcpy(payload, mark, sizeof *mark);
    memcpy(payload + sizeof *mark, rest(mark), size - sizeof *mark);
    return framed ? size + HEADER : size;
}

bool read_packet(const uint8_t *at, size_t got, struct mark *mark, size_t size, bool framed) {
    if (framed) {
        if (got != size + HEADER || at[0] != CHANNEL >> 8 || at[1] != (CHANNEL & 255) ||
            (size_t)(at[2] << 8 | at[3]) != size)
            return false;
        at += HEADER;
    } else if (got != size) {
        return false;
    }
    memcpy(mark, at, sizeof *mark);
    return memcmp(at + sizeof *mark, rest(mark), size - sizeof *mark) == 0;
}
