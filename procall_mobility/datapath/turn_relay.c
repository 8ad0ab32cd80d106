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
 *
 * The headers are read once, by one call, into words on the stack. There they serve as a key, there
 * they are rewritten, and from there they are written back, by one call. That is what makes it fast
 * without CAP_PERFMON. In a program that is loaded without it, the kernel puts a barrier against
 * speculation (LFENCE, some 20 cycles) behind each instruction that first writes to a place of the
 * stack, or again to one that is a multiple of eight; what a helper function has filled before is
 * free of that. Hence the words, and hence all that is done below to have the compiler put nothing
 * else there: with barriers the same program takes three times as long.
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

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define now_in(x) (*(const volatile __typeof__(x) *)&(x)) /* somebody else writes it meanwhile */

/* The compiler shall forget what it knows of a variable, instead of keeping it on the stack. */
#define afresh(x) asm volatile("" : "+r"(x))

/* The address of a word, made where it is used, or it would be kept there, too. */
#define address_of(words, index)                                           \
	({                                                                 \
		__be32 *word_ = (words);                                   \
		asm volatile("%0 += %1" : "+r"(word_) : "i"(4 * (index))); \
		word_;                                                     \
	})

/*
 * Where what stands among the words, in a function that knows `six`. In front of the IP header are
 * some of the Ethernet header's, which are notes of ours once they have been read; they are as many
 * as make W_LENGTH, which is written more than once, an odd one.
 */
#define W_SLOT 0               /* notes: of the account, */
#define W_NOTE 1               /* a key, the sum of one, the way out */
#define W_IP (six ? 2 : 3)
#define W_REMOTE (six ? 4 : 6) /* from here on it is a key: */
#define W_LOCAL (six ? 8 : 7)
#define W_PORTS (six ? 12 : 8)
#define W_LENGTH (W_PORTS + 1) /* and checksum; in a key, the channel */
#define W_HEAD (W_PORTS + 2)   /* of ChannelData */
#define WORDS 16

#define IP_HEADER (six ? 40 : 20)
#define HEADERS (ETH_HLEN + IP_HEADER + UDP_HEADER)

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

static __always_inline void count_packet(struct tally *tally)
{
	__sync_fetch_and_add(&tally->packets, 1);
}

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
 * The kernel gives the memory of a flow that was deleted or replaced to another one at once, also
 * while we, interrupted, are reading it. So a flow says of which key it is, and is asked once all of
 * it has been copied: nobody's packet is sent by somebody else's flow.
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

/* Charges the accounts of both clients, or none. */
static __noinline int charge_both(const __u32 *first, const __u32 *second, __u64 octets)
{
	struct account *sender = bpf_map_lookup_elem(&ledger, first);
	struct account *receiver = bpf_map_lookup_elem(&ledger, second);

	if (!sender || !receiver)
		return UNKNOWN;
	if (!draw(&sender->sent, octets))
		return SPENT;
	if (!draw(&receiver->received, octets)) {
		__sync_fetch_and_add(&sender->sent.octets, -octets);
		return SPENT;
	}
	count_packet(&sender->sent);
	count_packet(&receiver->received);
	return FINE;
}

static __always_inline int charge(struct tally *tally, __u64 octets)
{
	if (!draw(tally, octets))
		return SPENT;
	count_packet(tally);
	return FINE;
}

/* ChannelData starts with a number and its own length, which has to be the datagram's. */
static __always_inline int is_channel_data(__u32 head, __u64 udp)
{
	return head >> 30 == 1 && (head & 0xffff) + CHANNEL_HEADER + UDP_HEADER == udp >> 16;
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

static __noinline __u32 rewrite4(__be32 *words, const void *flow, __u64 udp, __s64 change)
{
	return rewrite(0, words, flow, udp, change);
}

static __noinline __u32 rewrite6(__be32 *words, const void *flow, __u64 udp, __s64 change)
{
	return rewrite(1, words, flow, udp, change);
}

static __noinline int charge_sent(const __u32 *slot, __u64 octets)
{
	struct account *account = bpf_map_lookup_elem(&ledger, slot);

	return account ? charge(&account->sent, octets) : UNKNOWN;
}

static __noinline int charge_received(const __u32 *slot, __u64 octets)
{
	struct account *account = bpf_map_lookup_elem(&ledger, slot);

	return account ? charge(&account->received, octets) : UNKNOWN;
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
