/* SPDX-License-Identifier: MIT */
/* Puts the new headers in front of a packet's data, and sends it. */
#ifndef TURN_RELAY_SEND_H
#define TURN_RELAY_SEND_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "flows.h"
#include "reasons.h"
#include "words.h"

/* From here on nothing is a reason to pass it up. */
static __always_inline int send(struct __sk_buff *skb, const int six, __be32 *words,
				const int change)
{
	const __u32 length = ETH_HLEN + IP_HEADER + (bpf_ntohl(words[W_LENGTH]) >> 16) - change;
	int failed = 0;

	/* Short frames are filled up to 60 octets; what fills them is nobody's data. */
	if (unlikely(skb->len > length))
		failed = bpf_skb_change_tail(skb, length, 0);
	/*
	 * That the hardware found the checksum of the old packet right says nothing of the new one:
	 * the kernel is told to forget it. A sum that it made is corrected with what is written.
	 * Room is made or taken behind the IP header.
	 *
	 * Written by a call, not through pointers: for a program that writes through pointers, the
	 * kernel would copy every packet of the host that somebody listens to.
	 */
	if (change < 0) {
		failed |= bpf_skb_adjust_room(skb, -CHANNEL_HEADER, BPF_ADJ_ROOM_NET, 0);
		failed |= bpf_skb_store_bytes(skb, ETH_HLEN, address_of(words, W_IP),
					      IP_HEADER + UDP_HEADER, BPF_F_RECOMPUTE_CSUM);
	} else {
		if (likely(change))
			failed |= bpf_skb_adjust_room(skb, CHANNEL_HEADER, BPF_ADJ_ROOM_NET, 0);
		else
			failed |= bpf_csum_level(skb, BPF_CSUM_LEVEL_RESET) < 0;
		failed |= bpf_skb_store_bytes(skb, ETH_HLEN, address_of(words, W_IP),
					      IP_HEADER + UDP_HEADER + CHANNEL_HEADER,
					      BPF_F_RECOMPUTE_CSUM);
	}
	if (unlikely(failed)) {
		pass_up(FAILED);
		return TC_ACT_SHOT;
	}
	return TC_ACT_REDIRECT;
}

/*
 * Notes where the packet goes if this ends with TC_ACT_REDIRECT, and forgets it if not. Routes are
 * looked for once by the daemon rather than for each packet, which is a sixth of all it costs.
 */
static __always_inline void aim(const int six, const void *flow, __u32 ifindex)
{
	const struct bpf_redir_neigh *next = &way_of(six, flow)->next;

	if (likely(next->nh_family))
		bpf_redirect_neigh(ifindex, (void *)next, sizeof(*next), 0);
	else
		bpf_redirect_neigh(ifindex, NULL, 0, 0);
}

#endif
