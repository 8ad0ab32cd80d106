/* SPDX-License-Identifier: MIT */
/* Checksums of the internet (RFC 1071). */
#ifndef TURN_RELAY_SUMS_H
#define TURN_RELAY_SUMS_H

#include <linux/types.h>

#include "words.h"

/*
 * One's complement sums of 32-bit words may be added up in 64 bits and folded once (RFC 1071). Not
 * a loop: the compiler may leave it one, whose moving pointer takes CAP_PERFMON.
 */
static __always_inline __u64 sum_of(const int six, const __be32 *address)
{
	__u64 sum = address[0];

	if (six) {
		sum += address[1];
		afresh(sum);
		sum += address[2];
		afresh(sum);
		sum += address[3];
		afresh(sum);
	}
	return sum;
}

static __always_inline __u32 folded(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

#endif
