/* SPDX-License-Identifier: MIT */
/* Reads the headers, and tells what is no packet for us. */
#ifndef TURN_RELAY_READ_H
#define TURN_RELAY_READ_H

#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "reasons.h"
#include "words.h"

/* Most packets of a host end here, and are not counted: they are not UDP. */
static __always_inline int read(struct __sk_buff *skb, const int six, __be32 *words)
{
	const void *data = (const void *)(long)skb->data;
	const __u8 *protocol = data + ETH_HLEN + (six ? 6 : 9);
	const __u32 first_read = ETH_HLEN - 4 * W_IP;
	__u32 first, second, third, length, udp_length;

	/* One octet tells, and the first ones nearly always are where pointers reach. */
	if (likely((const void *)(protocol + 1) <= (const void *)(long)skb->data_end)) {
		if (*protocol != IPPROTO_UDP) {
			if (six && *protocol == IPPROTO_FRAGMENT)
				return FRAGMENT;
			if (six && (*protocol == IPPROTO_HOPOPTS || *protocol == IPPROTO_ROUTING ||
				    *protocol == IPPROTO_DSTOPTS))
				return OPTIONS;
			return NOT_OURS;
		}
	}
	if (likely(skb->len >= HEADERS + CHANNEL_HEADER)) {
		if (bpf_skb_load_bytes(skb, first_read, words, HEADERS + CHANNEL_HEADER - first_read))
			return NOT_OURS;
	} else {
		if (bpf_skb_load_bytes(skb, first_read, words, HEADERS - first_read))
			return NOT_OURS;
		/* Anything will do: too short for a header, it cannot be as long as it says. */
		bpf_skb_load_bytes(skb, 0, &words[W_HEAD], sizeof(words[W_HEAD]));
	}
	first = bpf_ntohl(words[W_IP]);
	second = bpf_ntohl(words[W_IP + 1]);
	if (six) {
		if ((second >> 8 & 0xff) != IPPROTO_UDP || first >> 28 != 6)
			return NOT_OURS;
		length = IP_HEADER + (second >> 16);
	} else {
		third = bpf_ntohl(words[W_IP + 2]);
		if ((third >> 16 & 0xff) != IPPROTO_UDP || first >> 28 != 4)
			return NOT_OURS;
		if (first >> 24 != 0x45)
			return OPTIONS;
		if (second & 0xffff & ~DONT_FRAGMENT)
			return FRAGMENT;
		length = first & 0xffff;
	}
	udp_length = bpf_ntohl(words[W_LENGTH]) >> 16;
	if (udp_length < UDP_HEADER || length != IP_HEADER + udp_length || skb->len < ETH_HLEN + length)
		return LENGTH;
	return FINE;
}

/* ChannelData starts with a number and its own length, which has to be the datagram's. */
static __always_inline int is_channel_data(__u32 head, __u64 udp)
{
	return head >> 30 == 1 && (head & 0xffff) + CHANNEL_HEADER + UDP_HEADER == udp >> 16;
}

#endif
