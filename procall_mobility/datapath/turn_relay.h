/* SPDX-License-Identifier: MIT */
/*
 * What the program in the kernel and the daemon share: keys, flows, accounts and the switch.
 *
 * Addresses, ports and channel numbers stand in network byte order, all other fields in the host's.
 * The daemon writes flows, `allowed` and `enabled`; the program writes `packets`, `octets` and
 * `reasons`. Nothing here has a hole: what is not used is zero.
 */
#ifndef TURN_RELAY_H
#define TURN_RELAY_H

#include <linux/bpf.h>
#include <linux/types.h>

/* A packet as it comes in: `remote` is its source, `local` its destination. */
struct key4 {
	__be32 remote;
	__be32 local;
	__be32 ports;   /* remote, local */
	__be32 channel; /* the number, and 16 zero bits; 0 for a peer's datagram, INSIDE for one that
			   never was on a wire: what comes in from there cannot pretend to be that */
};

struct key6 {
	__be32 remote[4];
	__be32 local[4];
	__be32 ports;
	__be32 channel;
};

/* The packet as it goes out, beside its addresses. */
struct way {
	__be32 ports;   /* from, to */
	__be16 channel; /* the number of the header put in front; 0 where the header is taken off */
	__u16 mtu;      /* the longest IP packet `ifindex` takes towards `to` */
	__u32 ifindex;
	__u32 slot;     /* in the ledger */
	__u32 flags;
	__u32 key_sum;  /* of the 32-bit words of its key, as they stand in memory; 0: does not say */
	struct bpf_redir_neigh next; /* the next hop; without a family the kernel looks for a route */
	__u32 zero;
};

/* `to` is the relayed address of another client of ours. */
#define INSIDE 1

struct flow4 {
	__u64 expires;  /* CLOCK_MONOTONIC, nanoseconds: the first one that is too late */
	__be32 from;
	__be32 to;
	struct way way;
};

struct flow6 {
	__u64 expires;
	__be32 from[4];
	__be32 to[4];
	struct way way;
};

/* One direction of an allocation, in a cache line of its own. */
struct tally {
	__u64 packets;
	__u64 octets;   /* of application data; never more than allowed once the program is through */
	__u64 allowed;
	__u64 unused[5];
};

struct account {
	struct tally sent;      /* towards peers */
	struct tally received;  /* towards the client */
};

/* Why a packet of a flow, or one that might have been of a flow, was passed up. */
enum reason {
	OFF,         /* the switch is off */
	ASTRAY,      /* the frame was not sent to this interface's own address */
	TAGGED,      /* a VLAN tag */
	AGGREGATE,   /* several datagrams in one (GRO, GSO) */
	OPTIONS,     /* IPv4 options or IPv6 extension headers before UDP */
	FRAGMENT,    /* a fragment, or a reserved bit of the fragmentation fields */
	LENGTH,      /* the lengths of frame, IP and UDP disagree */
	GARBLED,     /* the IPv4 header's checksum is wrong */
	UNKNOWN,     /* ChannelData, and no flow for it; or a flow the ledger knows nothing of */
	EXPIRED,
	SPENT,       /* more octets than allowed */
	TOO_LARGE,   /* for the way out */
	HOPS,        /* the last hop of TTL or hop limit */
	UNSUMMED,    /* IPv6 without a UDP checksum */
	UNFINISHED,  /* the UDP checksum was left to the hardware (CHECKSUM_PARTIAL) */
	NO_WAY_IN,   /* the other client of ours has no channel for this one */
	FAILED,      /* dropped: the kernel refused to rewrite what was already decided */
	REASONS = 23 /* room for more of them, without a change of layout */
};

struct control {
	__u64 enabled;
	__u64 reasons[REASONS];
};

#endif
