/* SPDX-License-Identifier: MIT */
/* Tells whether a packet of a flow may be relayed. */
#ifndef TURN_RELAY_JUDGE_H
#define TURN_RELAY_JUDGE_H

#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "flows.h"
#include "reasons.h"
#include "sums.h"
#include "words.h"

/* What of a packet or its frame keeps it from being relayed, whatever the flow. */
static __always_inline int inspect(struct __sk_buff *skb, const int six, const __be32 *words,
				   __u32 udp)
{
	const __u32 hops = six ? bpf_ntohl(words[W_IP + 1]) & 0xff : bpf_ntohl(words[W_IP + 2]) >> 24;
	__u64 pseudo;

	if (skb->pkt_type)
		return ASTRAY;
	if (skb->vlan_present)
		return TAGGED;
	if (skb->gso_size || skb->gso_segs > 1)
		return AGGREGATE;
	if (hops <= 1)
		return HOPS;
	pseudo = sum_of(six, words + W_REMOTE) + sum_of(six, words + W_LOCAL);
	if (!six && folded(pseudo + words[W_IP] + words[W_IP + 1] + words[W_IP + 2]) != 0xffff)
		return GARBLED;
	if (six && !(udp & 0xffff))
		return UNSUMMED;
	/*
	 * What waits for the hardware's checksum has the pseudo header's sum in its place, and the
	 * kernel notes where from the hardware has to add: that would be wrong after a change of
	 * length. One finished packet in 65,536 looks the same and passes up too: no harm.
	 */
	pseudo += (__u64)bpf_htonl(IPPROTO_UDP) + bpf_htonl(udp >> 16);
	if ((udp & 0xffff) == bpf_ntohs(folded(pseudo)))
		return UNFINISHED;
	return FINE;
}

/* Everything about a packet and its flow that can be told without looking further. */
static __always_inline int judge(struct __sk_buff *skb, const int six, __be32 *words,
				 const void *flow, __u64 udp)
{
	const __u64 now = bpf_ktime_get_coarse_ns();
	struct control *shared;
	__u32 zero = 0;

	afresh(flow);
	if (expiry_of(flow) <= now)
		return EXPIRED;
	afresh(zero);
	words[W_NOTE] = zero;
	shared = bpf_map_lookup_elem(&control, address_of(words, W_NOTE));
	if (!shared || !now_in(shared->enabled))
		return OFF;
	return inspect(skb, six, words, udp);
}

/*
 * Functions of their own, each for a family: there are registers for four values that outlive a
 * call, and what has no register goes to the stack, at the price told above.
 */
static __noinline int judge4(struct __sk_buff *skb, __be32 *words, const void *flow, __u64 udp)
{
	return judge(skb, 0, words, flow, udp);
}

static __noinline int judge6(struct __sk_buff *skb, __be32 *words, const void *flow, __u64 udp)
{
	return judge(skb, 1, words, flow, udp);
}

#endif
