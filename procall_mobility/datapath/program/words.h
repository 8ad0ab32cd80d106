/* SPDX-License-Identifier: MIT */
/*
 * The words on the stack that hold a packet's headers, and how all else is kept from the stack.
 *
 * The headers are read once, by one call. Then they serve as a key, they are rewritten where they
 * are, and from there they are written back, by one call. That is what makes it fast without
 * CAP_PERFMON. In a program that is loaded without it, the kernel puts a barrier against
 * speculation (LFENCE, some 20 cycles) behind each instruction that first writes to a place of the
 * stack, or again to one that is a multiple of eight; what a helper function has filled before is
 * free of that. Hence the words, and hence all that is done to have the compiler put nothing else
 * there: with barriers the same program takes three times as long.
 */
#ifndef TURN_RELAY_WORDS_H
#define TURN_RELAY_WORDS_H

#include <linux/if_ether.h>
#include <linux/types.h>

#define DONT_FRAGMENT 0x4000
#define UDP_HEADER 8
#define CHANNEL_HEADER 4

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
 * some of the Ethernet header's, which are notes of ours once they have been read; they are as
 * many as make W_LENGTH, which is written more than once, an odd one.
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

#endif
