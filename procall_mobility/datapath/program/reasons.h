/* SPDX-License-Identifier: MIT */
/* The switch, and why packets are passed up. */
#ifndef TURN_RELAY_REASONS_H
#define TURN_RELAY_REASONS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "../turn_relay.h"

#define PASS_UP (-1) /* TCX_NEXT, which headers older than Linux 6.6 have no name for */

/* What the program's steps answer beside an `enum reason`. */
#define FINE (-1)
#define NOT_OURS (-2)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct control);
} control SEC(".maps");

/*
 * Counts why a packet is passed up, out of the way of those that are not. A pointer moved by a
 * variable would take CAP_PERFMON, so each reason has its own instruction, and the empty assembly
 * keeps the compiler from making one of them all again.
 */
#define COUNT(reason)                                                     \
	case reason:                                                      \
		__sync_fetch_and_add(&shared->reasons[reason], 1);        \
		asm volatile("" : : "i"(reason));                         \
		break

static __noinline int pass_up(int reason)
{
	__u32 zero = 0;
	struct control *shared = bpf_map_lookup_elem(&control, &zero);

	if (!shared)
		return PASS_UP;
	switch (reason) {
	COUNT(OFF);
	COUNT(ASTRAY);
	COUNT(TAGGED);
	COUNT(AGGREGATE);
	COUNT(OPTIONS);
	COUNT(FRAGMENT);
	COUNT(LENGTH);
	COUNT(GARBLED);
	COUNT(UNKNOWN);
	COUNT(EXPIRED);
	COUNT(SPENT);
	COUNT(TOO_LARGE);
	COUNT(HOPS);
	COUNT(UNSUMMED);
	COUNT(UNFINISHED);
	COUNT(NO_WAY_IN);
	COUNT(FAILED);
	}
	return PASS_UP;
}

#endif
