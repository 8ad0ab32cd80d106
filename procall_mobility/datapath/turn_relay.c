/* SPDX-License-Identifier: MIT */
/*
 * TURN ChannelData, relayed where packets come in (RFC 8656, 12.6 and 12.7).
 *
 * Attached at tc ingress. A datagram of a flow that the daemon has written down is rewritten and
 * sent out; every other packet passes up to the daemon and everybody else, as if the program were
 * not there. Two rules keep that simple:
 *
 *   - Nothing is changed before everything is decided. Until then any doubt means: pass it up.
 *   - The daemon decides, the program carries. How long (`expires`) and how much (`allowed`) are
 *     written down with each flow, so a daemon that hangs or dies stops relaying in time.
 *
 * Both families are one code: addresses are one word or four, and `six` is known when this is
 * compiled.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "program/flows.h"
#include "program/judge.h"
#include "program/ledger.h"
#include "program/read.h"
#include "program/reasons.h"
#include "program/rewrite.h"
#include "program/send.h"
#include "program/words.h"

/* Sends a packet on by its flow: shorter or longer by a header of ChannelData, or with another. */
static __always_inline int carry(struct __sk_buff *skb, const int six, __be32 *words,
				 const void *flow, __u64 udp, const int change, const void *first)
{
	__u32 ifindex;
	__u64 octets;
	int wrong;

	if (change >= 0 && !way_of(six, flow)->channel)
		return pass_up(NO_WAY_IN);
	if (IP_HEADER + (udp >> 16) + change > way_of(six, flow)->mtu)
		return pass_up(TOO_LARGE);
	/*
	 * Without DF a router may fragment it, and fragments of two clients with one identification
	 * must not be put together at a peer (RFC 6864, 4.3).
	 */
	if (!six && !(words[W_IP + 1] & bpf_htonl(DONT_FRAGMENT)))
		words[W_IP + 1] = bpf_htonl(bpf_get_prandom_u32() << 16);
	words[W_NOTE] = key_sum(six, words);
	ifindex = six ? rewrite6(words, flow, udp, change) : rewrite4(words, flow, udp, change);
	aim(six, flow, ifindex);
	if (!is_still(way_of(six, first), words[W_NOTE]))
		return pass_up(UNKNOWN);
	if (!change && !is_still(way_of(six, flow), sum_of(six, from_of(first)) +
						    sum_of(six, to_of(six, first)) +
						    way_of(six, first)->ports + bpf_htonl(INSIDE)))
		return pass_up(UNKNOWN);
	afresh(udp);

	/* Nothing but the bounds can stop it now. */
	octets = (udp >> 16) - UDP_HEADER - (change > 0 ? 0 : CHANNEL_HEADER);
	if (change > 0)
		wrong = charge_received(&words[W_SLOT], octets);
	else if (change < 0)
		wrong = charge_sent(&words[W_SLOT], octets);
	else
		wrong = charge_both(&way_of(six, first)->slot, &words[W_SLOT], octets);
	if (wrong != FINE)
		return pass_up(wrong);
	return send(skb, six, words, change);
}

static __always_inline int relay_packet(struct __sk_buff *skb, const int six)
{
	__be32 words[WORDS] __attribute__((aligned(8)));
	const void *flow, *second;
	__u64 udp;
	int wrong;

	wrong = read(skb, six, words);
	if (wrong == NOT_OURS)
		return PASS_UP;
	if (wrong != FINE)
		return pass_up(wrong);
	udp = bpf_ntohl(words[W_LENGTH]);

	/*
	 * RFC 8656, 12.4 and 12.5; over UDP there is no padding to allow for. What a peer sends may
	 * look the same: then only the first look-up misses.
	 */
	if (is_channel_data(bpf_ntohl(words[W_HEAD]), udp)) {
		flow = find(six, words, bpf_htonl(bpf_ntohl(words[W_HEAD]) & 0xffff0000));
		if (likely(flow)) {
			afresh(udp);
			wrong = six ? judge6(skb, words, flow, udp) : judge4(skb, words, flow, udp);
			afresh(udp);
			if (wrong != FINE)
				return pass_up(wrong);
			if (likely(!(way_of(six, flow)->flags & INSIDE)))
				return carry(skb, six, words, flow, udp, -CHANNEL_HEADER, flow);
			second = six ? find_inside6(flow) : find_inside4(flow);
			if (!second)
				return pass_up(NO_WAY_IN);
			if (expiry_of(second) <= bpf_ktime_get_coarse_ns())
				return pass_up(EXPIRED);
			return carry(skb, six, words, second, udp, 0, flow);
		}
	}
	flow = find(six, words, 0);
	afresh(udp);
	if (!flow)
		return is_channel_data(bpf_ntohl(words[W_HEAD]), udp) ? pass_up(UNKNOWN) : PASS_UP;
	wrong = six ? judge6(skb, words, flow, udp) : judge4(skb, words, flow, udp);
	if (wrong != FINE)
		return pass_up(wrong);
	afresh(udp);
	return carry(skb, six, words, flow, udp, CHANNEL_HEADER, flow);
}

/* Apart from each other, or the compiler finds what they have in common, to their cost. */
static __noinline int relay4(struct __sk_buff *skb)
{
	return relay_packet(skb, 0);
}

static __noinline int relay6(struct __sk_buff *skb)
{
	return relay_packet(skb, 1);
}

SEC("tc")
int relay(struct __sk_buff *skb)
{
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return relay4(skb);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return relay6(skb);
	return PASS_UP;
}

const char LICENSE[] SEC("license") = "Dual MIT/GPL";
