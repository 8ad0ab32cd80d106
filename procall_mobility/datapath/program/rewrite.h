/* SPDX-License-Identifier: MIT */
/* Makes the headers of what goes out from those of what came in. */
#ifndef TURN_RELAY_REWRITE_H
#define TURN_RELAY_REWRITE_H

#include <linux/in.h>
#include <bpf/bpf_endian.h>

#include "flows.h"
#include "sums.h"
#include "words.h"

/* The start of the new UDP checksum: the old one, less what will be no part of it (RFC 1624). */
static __always_inline __u32 remainder(const int six, const __be32 *words, __u32 udp,
				       int with_head)
{
	__u64 gone;

	/* The length counts twice: in the UDP header and in the pseudo header. */
	gone = sum_of(six, words + W_REMOTE) + sum_of(six, words + W_LOCAL) + words[W_PORTS] +
	       2 * (__u64)bpf_htonl(udp >> 16);
	if (with_head)
		gone += words[W_HEAD];
	return (bpf_htons(udp & 0xffff) ^ 0xffff) + (folded(gone) ^ 0xffff);
}

/*
 * The headers of what goes out, as a server that behaves as RFC 8656 prefers sends them (13.2 for
 * IPv6, 14 for IPv4): one hop less, DSCP, ECN and DF as they came, no options.
 */
static __always_inline __u32 rewrite(const int six, __be32 *words, const void *flow, __u64 udp,
				     __s64 change)
{
	const struct way *way = way_of(six, flow);
	const __be32 *from = from_of(flow), *to = to_of(six, flow);
	const __u32 udp_length = (udp >> 16) + change;
	__u64 sum = remainder(six, words, udp, change <= 0), ends;
	__u32 head = 0, start, hops;

	barrier();
	ends = sum_of(six, from) + sum_of(six, to);
	if (change >= 0)
		head = (__u32)bpf_ntohs(way->channel) << 16 |
		       (udp_length - UDP_HEADER - CHANNEL_HEADER);
	words[W_HEAD] = bpf_htonl(head);
	words[W_PORTS] = way->ports;
	sum += ends + way->ports + 2 * (__u64)bpf_htonl(udp_length) + bpf_htonl(head);
	sum = bpf_ntohs(folded(sum)) ^ 0xffff;
	if (!sum)
		sum = 0xffff;   /* 0 would say that there is none, */
	if (!(udp & 0xffff))
		sum = 0;        /* as there was none before. */
	words[W_LENGTH] = bpf_htonl(udp_length << 16 | sum);
	words[W_SLOT] = way->slot;
	barrier();

	start = bpf_ntohl(words[W_IP]);
	if (six) {
		/* The label is a function of the new addresses and ports (RFC 6437, 3). */
		const __u32 label = (ends + words[W_PORTS]) * 0x9e3779b97f4a7c15ULL >> 44;

		hops = bpf_ntohl(words[W_IP + 1]) & 0xff;
		words[W_IP] = bpf_htonl((start & 0xfff00000) | label);
		words[W_IP + 1] = bpf_htonl(udp_length << 16 | IPPROTO_UDP << 8 | (hops - 1));
		words[W_REMOTE] = from[0];
		words[W_REMOTE + 1] = from[1];
		words[W_REMOTE + 2] = from[2];
		words[W_REMOTE + 3] = from[3];
		words[W_LOCAL] = to[0];
		words[W_LOCAL + 1] = to[1];
		words[W_LOCAL + 2] = to[2];
		words[W_LOCAL + 3] = to[3];
	} else {
		const __be32 length = bpf_htonl((start & 0xffff0000) | (IP_HEADER + udp_length));
		__u32 third;

		hops = bpf_ntohl(words[W_IP + 2]) >> 24;
		third = (hops - 1) << 24 | IPPROTO_UDP << 16;
		sum = folded(ends + length + words[W_IP + 1] + bpf_htonl(third)) ^ 0xffff;
		words[W_IP] = length;
		words[W_IP + 2] = bpf_htonl(third | bpf_ntohs(sum));
		words[W_REMOTE] = from[0];
		words[W_LOCAL] = to[0];
	}
	return way->ifindex;
}

/* Functions of their own for the same reason as `judge4` is one. */
static __noinline __u32 rewrite4(__be32 *words, const void *flow, __u64 udp, __s64 change)
{
	return rewrite(0, words, flow, udp, change);
}

static __noinline __u32 rewrite6(__be32 *words, const void *flow, __u64 udp, __s64 change)
{
	return rewrite(1, words, flow, udp, change);
}

#endif
