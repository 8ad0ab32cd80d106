/* SPDX-License-Identifier: MIT */
/* Who pays: accounts, out of which octets are taken before they are relayed. */
#ifndef TURN_RELAY_LEDGER_H
#define TURN_RELAY_LEDGER_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "../turn_relay.h"
#include "reasons.h"
#include "words.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct account);
} ledger SEC(".maps");

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

#endif
