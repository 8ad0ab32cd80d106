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
 * Both families are one code: addresses are arrays of one or four words, and `six` is known when
 * this is compiled. What is built on the stack is written whole and never by subtracting pointers
 * of packets, so the verifier lets it pass with CAP_BPF and CAP_NET_ADMIN alone.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "turn_relay.h"

#define PASS_UP (-1) /* TCX_NEXT, which headers older than Linux 6.6 have no name for */

#define DONT_FRAGMENT 0x4000
#define UDP_HEADER 8
#define CHANNEL_HEADER 4

/* What the steps below answer beside an `enum reason`. */
#define FINE (-1)
#define NOT_OURS (-2)

#define unlikely(x) __builtin_expect(!!(x), 0)
#define now_in(x) (*(const volatile __typeof__(x) *)&(x)) /* somebody else writes it meanwhile */

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

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct account);
} ledger SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct control);
} control SEC(".maps");

/* What came in; addresses and ports are pointers into the packet until it is changed. */
struct packet {
	const __be32 *ip;
	const __be32 *remote;
	const __be32 *local;
	__be32 ports;
	__u32 length;       /* of IP */
	__u32 size;         /* of what UDP carries */
	__u32 hops;
	__u32 check;        /* of UDP */
	__u32 head;         /* of ChannelData, or 0 */
};

/* A flow of either family. */
struct flow {
	const __be32 *from;
	const __be32 *to;
	const struct way *way;
	__u64 expires;
};

/* What will be done to it. */
struct plan {
	struct flow way_out;
	__u32 size;         /* of the application data */
	__u32 length;       /* of IP */
	__u32 head;         /* of ChannelData, or 0 */
	int change;         /* of the length */
};

/*
 * One's complement sums of 32-bit words may be added up in 64 bits and folded once (RFC 1071). Not
 * a loop: the compiler may leave it one, whose moving pointer takes CAP_PERFMON.
 */
static __always_inline __u64 sum_of(const int six, const __be32 *address)
{
	__u64 sum = address[0];

	if (six)
		sum += (__u64)address[1] + address[2] + address[3];
	return sum;
}

static __always_inline __u32 folded(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/*
 * Most packets of a host end here, and are not counted: they are not UDP. The headers may stand in
 * pages of their own, which is rare; making them linear changes nothing anybody sees.
 */
static __always_inline int read(struct __sk_buff *skb, const int six, struct packet *packet)
{
	const __u32 ip_size = six ? 40 : 20;
	const __u32 data_at = ETH_HLEN + ip_size + UDP_HEADER;
	const __u32 most = data_at + CHANNEL_HEADER;
	const void *data = (const void *)(long)skb->data;
	const void *end = (const void *)(long)skb->data_end;
	const __be32 *ip, *udp;
	__u32 first, second, third, udp_length;

	if (unlikely(data + most > end)) {
		if (skb->len < data_at || bpf_skb_pull_data(skb, skb->len < most ? skb->len : most))
			return NOT_OURS;
		data = (const void *)(long)skb->data;
		end = (const void *)(long)skb->data_end;
		if (data + data_at > end)
			return NOT_OURS;
	}
	ip = data + ETH_HLEN;
	first = bpf_ntohl(ip[0]);
	second = bpf_ntohl(ip[1]);
	if (six) {
		const __u32 next = second >> 8 & 0xff;

		if (next == IPPROTO_FRAGMENT)
			return FRAGMENT;
		if (next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS)
			return OPTIONS;
		if (next != IPPROTO_UDP || first >> 28 != 6)
			return NOT_OURS;
		packet->remote = ip + 2;
		packet->local = ip + 6;
		packet->hops = second & 0xff;
		packet->length = ip_size + (second >> 16);
	} else {
		third = bpf_ntohl(ip[2]);
		if ((third >> 16 & 0xff) != IPPROTO_UDP || first >> 28 != 4)
			return NOT_OURS;
		if (first >> 24 != 0x45)
			return OPTIONS;
		if (second & 0xffff & ~DONT_FRAGMENT)
			return FRAGMENT;
		packet->remote = ip + 3;
		packet->local = ip + 4;
		packet->hops = third >> 24;
		packet->length = first & 0xffff;
	}
	udp = data + ETH_HLEN + ip_size;
	udp_length = bpf_ntohl(udp[1]) >> 16;
	if (udp_length < UDP_HEADER || packet->length != ip_size + udp_length ||
	    skb->len < ETH_HLEN + packet->length)
		return LENGTH;
	packet->ip = ip;
	packet->ports = udp[0];
	packet->check = bpf_ntohl(udp[1]) & 0xffff;
	packet->size = udp_length - UDP_HEADER;

	/*
	 * ChannelData starts with a number and its own length, which has to be the datagram's (RFC
	 * 8656, 12.4 and 12.5; over UDP there is no padding to allow for).
	 */
	packet->head = 0;
	if (packet->size >= CHANNEL_HEADER && data + most <= end) {
		const __u32 head = bpf_ntohl(udp[2]);

		if (head >> 30 == 1 && (head & 0xffff) + CHANNEL_HEADER == packet->size)
			packet->head = head;
	}
	return FINE;
}

static __always_inline int find(const int six, const __be32 *remote, const __be32 *local,
				__be32 ports, __be32 channel, struct flow *found)
{
	if (six) {
		const struct key6 key = {
			.remote = {remote[0], remote[1], remote[2], remote[3]},
			.local = {local[0], local[1], local[2], local[3]},
			.ports = ports,
			.channel = channel,
		};
		const struct flow6 *flow = bpf_map_lookup_elem(&flows6, &key);

		if (!flow)
			return 0;
		found->expires = flow->expires;
		found->from = flow->from;
		found->to = flow->to;
		found->way = &flow->way;
	} else {
		const struct key4 key = {
			.remote = *remote,
			.local = *local,
			.ports = ports,
			.channel = channel,
		};
		const struct flow4 *flow = bpf_map_lookup_elem(&flows4, &key);

		if (!flow)
			return 0;
		found->expires = flow->expires;
		found->from = &flow->from;
		found->to = &flow->to;
		found->way = &flow->way;
	}
	return 1;
}

/* What of a packet or its frame keeps it from being relayed, whatever the flow. */
static __always_inline int inspect(struct __sk_buff *skb, const int six, const struct packet *packet)
{
	const __be32 *ip = packet->ip;
	__u64 pseudo;

	if (skb->pkt_type)
		return ASTRAY;
	if (skb->vlan_present)
		return TAGGED;
	if (skb->gso_size || skb->gso_segs > 1)
		return AGGREGATE;
	if (packet->hops <= 1)
		return HOPS;
	if (!six && folded((__u64)ip[0] + ip[1] + ip[2] + ip[3] + ip[4]) != 0xffff)
		return GARBLED;
	if (six && !packet->check)
		return UNSUMMED;
	/*
	 * What waits for the hardware's checksum has the pseudo header's sum in its place, and the
	 * kernel notes where from the hardware has to add: that would be wrong after a change of
	 * length. One finished packet in 65,536 looks the same and passes up too: no harm.
	 */
	pseudo = sum_of(six, packet->remote) + sum_of(six, packet->local) +
		 bpf_htonl(IPPROTO_UDP) + bpf_htonl(UDP_HEADER + packet->size);
	if (packet->check == bpf_ntohs(folded(pseudo)))
		return UNFINISHED;
	return FINE;
}

/*
 * Takes octets out of what is allowed, exactly, whoever else does so at the same time. Looking
 * first keeps a flood beyond the bound from writing at all.
 */
static __always_inline int draw(struct tally *tally, __u64 octets)
{
	const __u64 allowed = now_in(tally->allowed);

	if (now_in(tally->octets) + octets > allowed)
		return 0;
	if (__sync_fetch_and_add(&tally->octets, octets) + octets > allowed) {
		__sync_fetch_and_add(&tally->octets, -octets);
		return 0;
	}
	return 1;
}

static __always_inline int decide(struct __sk_buff *skb, const int six, const struct packet *packet,
				  struct plan *plan)
{
	struct account *to_peer = NULL, *to_client = NULL;
	struct control *shared;
	__u64 now;
	__u32 zero = 0;
	struct flow flow = {};
	int strip = 0, inside, wrong;

	/* What a peer sends may look like ChannelData; then only the first look-up misses. */
	if (packet->head)
		strip = find(six, packet->remote, packet->local, packet->ports,
			     bpf_htonl(packet->head & 0xffff0000), &flow);
	if (!strip && !find(six, packet->remote, packet->local, packet->ports, 0, &flow))
		return packet->head ? UNKNOWN : NOT_OURS;

	shared = bpf_map_lookup_elem(&control, &zero);
	if (!shared || !now_in(shared->enabled))
		return OFF;
	wrong = inspect(skb, six, packet);
	if (wrong != FINE)
		return wrong;
	now = bpf_ktime_get_coarse_ns();
	if (flow.expires <= now)
		return EXPIRED;

	plan->size = packet->size;
	plan->length = packet->length;
	plan->head = 0;
	plan->change = 0;
	inside = 0;
	if (strip) {
		plan->size -= CHANNEL_HEADER;
		to_peer = bpf_map_lookup_elem(&ledger, &flow.way->slot);
		if (!to_peer)
			return UNKNOWN;
		/*
		 * A peer that is a client of ours, too: what would go to its relayed address and come
		 * back from there goes to it at once, as it would have arrived in the end.
		 */
		inside = flow.way->flags & INSIDE;
		if (inside) {
			const struct way *way = flow.way;

			if (!find(six, flow.from, flow.to, way->ports, 0, &flow))
				return NO_WAY_IN;
			if (flow.expires <= now)
				return EXPIRED;
		} else {
			plan->change = -CHANNEL_HEADER;
		}
	} else {
		plan->change = CHANNEL_HEADER;
	}
	if (!strip || inside) {
		if (!flow.way->channel)
			return NO_WAY_IN;
		to_client = bpf_map_lookup_elem(&ledger, &flow.way->slot);
		if (!to_client)
			return UNKNOWN;
		plan->head = (__u32)bpf_ntohs(flow.way->channel) << 16 | plan->size;
	}
	plan->length += plan->change;
	plan->way_out = flow;
	if (plan->length > flow.way->mtu)
		return TOO_LARGE;

	/* Nothing but the bounds can stop it now; of two, both count or none. */
	if (to_peer && !draw(&to_peer->sent, plan->size))
		return SPENT;
	if (to_client && !draw(&to_client->received, plan->size)) {
		if (to_peer)
			__sync_fetch_and_add(&to_peer->sent.octets, -(__u64)plan->size);
		return SPENT;
	}
	if (to_peer)
		__sync_fetch_and_add(&to_peer->sent.packets, 1);
	if (to_client)
		__sync_fetch_and_add(&to_client->received.packets, 1);
	return FINE;
}

/* The UDP checksum of what goes out, from the one that came in (RFC 1624). */
static __always_inline __u32 new_check(const int six, const struct packet *packet,
				       const struct plan *plan, __u64 ends)
{
	const __u32 udp_length = UDP_HEADER + packet->size;
	__u64 gone, come;
	__u32 check;

	/* The length counts twice: in the UDP header and in the pseudo header. */
	gone = sum_of(six, packet->remote) + sum_of(six, packet->local) + packet->ports +
	       2 * (__u64)bpf_htonl(udp_length);
	come = ends + 2 * (__u64)bpf_htonl(udp_length + plan->change);
	if (plan->change <= 0)
		gone += bpf_htonl(packet->head);
	if (plan->change >= 0)
		come += bpf_htonl(plan->head);
	check = folded((__u64)(bpf_htons(packet->check) ^ 0xffff) + (folded(gone) ^ 0xffff) + come) ^ 0xffff;
	return bpf_ntohs(check ? check : 0xffff); /* 0 would say that there is none */
}

/*
 * The headers of what goes out, as a server that behaves as RFC 8656 prefers sends them (13.2 for
 * IPv6, 14 for IPv4): one hop less, DSCP, ECN and DF as they came, no options.
 */
static __always_inline void write(const int six, const struct packet *packet, const struct plan *plan,
				  __be32 *out)
{
	const struct flow *flow = &plan->way_out;
	const __be32 ports = flow->way->ports;
	const __u32 first = bpf_ntohl(packet->ip[0]);
	const __u32 udp_length = UDP_HEADER + packet->size + plan->change;
	__be32 *udp = out + (six ? 10 : 5);
	__u32 check = packet->check;
	__u64 ends = sum_of(six, flow->from) + sum_of(six, flow->to);

	if (check)
		check = new_check(six, packet, plan, ends + ports);
	if (six) {
		/* The label is a function of the new addresses and ports (RFC 6437, 3). */
		const __u32 label = (ends + ports) * 0x9e3779b97f4a7c15ULL >> 44;

		out[0] = bpf_htonl((first & 0xfff00000) | label);
		out[1] = bpf_htonl(udp_length << 16 | IPPROTO_UDP << 8 | (packet->hops - 1));
		out[2] = flow->from[0];
		out[3] = flow->from[1];
		out[4] = flow->from[2];
		out[5] = flow->from[3];
		out[6] = flow->to[0];
		out[7] = flow->to[1];
		out[8] = flow->to[2];
		out[9] = flow->to[3];
	} else {
		const __u32 third = (packet->hops - 1) << 24 | IPPROTO_UDP << 16;

		out[0] = bpf_htonl((first & 0xffff0000) | plan->length);
		/*
		 * Without DF a router may fragment it, and fragments of two clients with one
		 * identification must not be put together at a peer (RFC 6864, 4.3).
		 */
		out[1] = packet->ip[1];
		if (!(out[1] & bpf_htonl(DONT_FRAGMENT)))
			out[1] = bpf_htonl(bpf_get_prandom_u32() << 16);
		ends += (__u64)out[0] + out[1] + bpf_htonl(third);
		out[2] = bpf_htonl(third | (bpf_ntohs(folded(ends)) ^ 0xffff));
		out[3] = *flow->from;
		out[4] = *flow->to;
	}
	udp[0] = ports;
	udp[1] = bpf_htonl(udp_length << 16 | check);
	udp[2] = bpf_htonl(plan->head);
}

/*
 * A pointer moved by a variable would take CAP_PERFMON. So each reason has its own instruction, and
 * the empty assembly keeps the compiler from making one of them all again.
 */
#define COUNT(reason)                                                     \
	case reason:                                                      \
		__sync_fetch_and_add(&shared->reasons[reason], 1);        \
		asm volatile("" : : "i"(reason));                         \
		break

static __always_inline void count(int reason)
{
	__u32 zero = 0;
	struct control *shared = bpf_map_lookup_elem(&control, &zero);

	if (!shared)
		return;
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
}

static __always_inline int send(struct __sk_buff *skb, const int six, const struct packet *packet,
				const struct plan *plan)
{
	const __u32 size = (six ? 40 : 20) + UDP_HEADER;
	const __u32 ifindex = plan->way_out.way->ifindex;
	__be32 out[13]; /* of IPv4 it takes eight */
	int failed = 0;

	write(six, packet, plan, out);
	/* Short frames are filled up to 60 octets; what fills them is nobody's data. */
	if (skb->len > ETH_HLEN + packet->length)
		failed = bpf_skb_change_tail(skb, ETH_HLEN + packet->length, 0);
	/*
	 * What the hardware found out about the checksum of the old packet says nothing of the new
	 * one; both ways the kernel is told to forget it. Room is made or taken behind the IP header.
	 */
	if (plan->change)
		failed |= bpf_skb_adjust_room(skb, plan->change, BPF_ADJ_ROOM_NET, 0);
	else
		failed |= bpf_csum_level(skb, BPF_CSUM_LEVEL_RESET) < 0;
	/*
	 * Written by a call, not through pointers: for a program that writes through pointers, the
	 * kernel would copy every packet of the host that somebody listens to.
	 */
	if (plan->change < 0)
		failed |= bpf_skb_store_bytes(skb, ETH_HLEN, out, size, 0);
	else
		failed |= bpf_skb_store_bytes(skb, ETH_HLEN, out, size + CHANNEL_HEADER, 0);
	if (unlikely(failed)) {
		count(FAILED);
		return TC_ACT_SHOT;
	}
	return bpf_redirect_neigh(ifindex, NULL, 0, 0);
}

static __always_inline int relay_packet(struct __sk_buff *skb, const int six)
{
	struct packet packet;
	struct plan plan;
	int wrong = read(skb, six, &packet);

	if (wrong == FINE)
		wrong = decide(skb, six, &packet, &plan);
	if (wrong == FINE)
		return send(skb, six, &packet, &plan);
	if (wrong != NOT_OURS)
		count(wrong);
	return PASS_UP;
}

SEC("tc")
int relay(struct __sk_buff *skb)
{
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return relay_packet(skb, 0);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return relay_packet(skb, 1);
	return PASS_UP;
}

const char LICENSE[] SEC("license") = "Dual MIT/GPL";
