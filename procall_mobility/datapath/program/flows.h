/* SPDX-License-Identifier: MIT */
/* Flows, and how they are found: by the addresses, ports and channel of what comes in. */
#ifndef TURN_RELAY_FLOWS_H
#define TURN_RELAY_FLOWS_H

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "../turn_relay.h"
#include "sums.h"
#include "words.h"

/* How many there are of each is set by the daemon before it loads the program. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct key4);
	__type(value, struct flow4);
} flows4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct key6);
	__type(value, struct flow6);
} flows6 SEC(".maps");

/* A flow of either family: `expires`, two addresses, the way. */
static __always_inline __u64 expiry_of(const void *flow)
{
	return *(const __u64 *)flow;
}

static __always_inline const __be32 *from_of(const void *flow)
{
	return flow + sizeof(__u64);
}

static __always_inline const __be32 *to_of(const int six, const void *flow)
{
	return flow + sizeof(__u64) + (six ? 16 : 4);
}

static __always_inline const struct way *way_of(const int six, const void *flow)
{
	return flow + sizeof(__u64) + 2 * (six ? 16 : 4);
}

/* The flow of the addresses and ports that stand in a key's place. */
static __always_inline const void *find(const int six, __be32 *words, __be32 channel)
{
	words[W_LENGTH] = channel;
	if (six)
		return bpf_map_lookup_elem(&flows6, address_of(words, W_REMOTE));
	return bpf_map_lookup_elem(&flows4, address_of(words, W_REMOTE));
}

/*
 * The kernel gives the memory of a flow that was deleted or replaced to another one at once, also
 * while we, interrupted, are reading it. So a flow says of which key it is, and is asked once all
 * of it has been copied: nobody's packet is sent by somebody else's flow.
 */
static __always_inline __u32 key_sum(const int six, const __be32 *words)
{
	return sum_of(six, words + W_REMOTE) + sum_of(six, words + W_LOCAL) + words[W_PORTS] +
	       words[W_LENGTH];
}

static __always_inline int is_still(const struct way *way, __u32 key)
{
	const __u32 its_key = now_in(way->key_sum);

	return !its_key || its_key == key;
}

/* A peer that is a client of ours, too: what would go out to its relayed address and come back. */
static __noinline const void *find_inside4(const struct flow4 *flow)
{
	const struct key4 key = {
		.remote = flow->from,
		.local = flow->to,
		.ports = flow->way.ports,
		.channel = bpf_htonl(INSIDE),
	};

	return bpf_map_lookup_elem(&flows4, &key);
}

static __noinline const void *find_inside6(const struct flow6 *flow)
{
	const struct key6 key = {
		.remote = {flow->from[0], flow->from[1], flow->from[2], flow->from[3]},
		.local = {flow->to[0], flow->to[1], flow->to[2], flow->to[3]},
		.ports = flow->way.ports,
		.channel = bpf_htonl(INSIDE),
	};

	return bpf_map_lookup_elem(&flows6, &key);
}

#endif
