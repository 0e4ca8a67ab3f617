/*
 * How a handler goes on in another block.
 */
#ifndef VBOARD_CPU_EXEC_LINK_H
#define VBOARD_CPU_EXEC_LINK_H

#include "exec.h"

/*
 * Goes on at a block head. Without the compiler's tail calls the host's stack would grow with every
 * block, so such builds (sanitizers, -O0) return to the run loop between blocks.
 */
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define CHAIN(c, target_head)                                                                      \
    do {                                                                                           \
        const struct op *chain_head = (target_head);                                               \
        (c)->r[15] = chain_head->pc;                                                               \
        (c)->itstate = chain_head->it;                                                             \
        return;                                                                                    \
    } while (0)
#else
#define CHAIN(c, target_head) return enter((c), (target_head))
#endif

/* What op_head does, in the handler that leads to it: one jump less, and the host predicts each
   handler's jump by itself. The rest is the head's own business; a dead block never is of this
   generation. */
static inline __attribute__((always_inline, unused)) void enter(struct cpu *c,
                                                                const struct op *head)
{
    uint64_t cycles = c->cycles + head->imm;

    if (unlikely(cycles > c->deadline || head->raw != c->exec_gen))
        return head->fn(c, head);
    c->cycles = cycles;
    c->instructions += head->imm2;
    return head[1].fn(c, head + 1);
}

/* The first pass over a link: finds or decodes the successor, and returns to the run loop. */
void follow_new(struct cpu *c, const struct link *l, unsigned taken);

/* Goes on where a link leads to. Nothing may follow it in a handler. */
static inline __attribute__((always_inline)) void follow(struct cpu *c, const struct op *link_slot,
                                                         unsigned taken)
{
    const struct link *l = (const struct link *)link_slot;
    const struct op *head = l->head[taken];

    if (unlikely(head == NULL))
        return follow_new(c, l, taken);
    CHAIN(c, head);
}

#endif
