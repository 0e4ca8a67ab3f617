/*
 * Blocks: making them from code, finding them, dropping them when their code changes.
 *
 * A block in the arena: one struct block_info, the head op, the operations. Dropped blocks keep
 * their memory (the one that is running may be among them); the arena is emptied as a whole when it
 * is full.
 */
#include <stdlib.h>

#include "debug.h"
#include "exec.h"

#define MAX_INSTRUCTIONS 32u
/* skip + op + align + link each, and a closing goto with its link, head and info */
#define MAX_OPS     (4u * MAX_INSTRUCTIONS + 4u)
#define ARENA_OPS   (1u << 20) /* 32 MB */
#define BUCKET_BITS 16u

/* Not reached by counting. */
#define DEAD_GENERATION UINT32_MAX
#define COLD_GENERATION (UINT32_MAX - 1) /* enter() then leaves it to op_cold() */

struct block_info {
    struct block_info *next; /* of the same bucket */
    uint32_t bytes;          /* of code */
};
_Static_assert(sizeof(struct block_info) <= sizeof(struct op), "info takes the place of an op");

/* A block in the list of its page, with what is asked most often: the bytes that its code covers.
 */
struct listed {
    struct op *head;
    uint32_t first, last;
};

struct page_blocks {
    uint64_t granules; /* 64-byte granules that code was decoded from */
    struct listed *blocks;
    uint32_t count, room;
};

struct block_store {
    struct op *arena;
    uint32_t used;
    struct block_info **buckets;
    struct page_blocks **pages; /* PAGE_COUNT */
    uint32_t *used_pages;       /* numbers of pages that have a struct page_blocks */
    uint32_t used_page_count, used_page_room;
};

static inline struct op *head_of(struct block_info *info)
{
    return (struct op *)info + 1;
}

static inline struct block_info *info_of(struct op *head)
{
    return (struct block_info *)(head - 1);
}

static inline uint32_t bucket_of(uint32_t pc, uint8_t itstate)
{
    return ((pc >> 1) * 2654435761u + itstate) >> (32 - BUCKET_BITS);
}

static void clear_table(struct cpu *c)
{
    for (uint32_t i = 0; i < 1u << BLOCK_TABLE_BITS; i++)
        c->blocks->table[i] = (struct block_entry){.pc = 1};
}

int blocks_init(struct cpu *c)
{
    struct block_store *store = calloc(1, sizeof(*store));

    c->blocks = calloc(1, sizeof(*c->blocks));
    if (c->blocks == NULL || store == NULL) {
        free(store);
        return -1;
    }
    c->blocks->store = store;
    store->arena = aligned_alloc(64, ARENA_OPS * sizeof(struct op));
    store->buckets = calloc(1u << BUCKET_BITS, sizeof(struct block_info *));
    store->pages = calloc(PAGE_COUNT, sizeof(struct page_blocks *));
    if (store->arena == NULL || store->buckets == NULL || store->pages == NULL)
        return -1;
    clear_table(c);
    return 0;
}

static void free_pages(struct block_store *store)
{
    for (uint32_t i = 0; i < store->used_page_count; i++) {
        struct page_blocks **p = &store->pages[store->used_pages[i]];

        free((*p)->blocks);
        free(*p);
        *p = NULL;
    }
    store->used_page_count = 0;
}

void blocks_free(struct cpu *c)
{
    if (c->blocks == NULL)
        return;
    struct block_store *store = c->blocks->store;
    if (store != NULL) {
        free_pages(store);
        free(store->used_pages);
        free(store->pages);
        free(store->buckets);
        free(store->arena);
        free(store);
    }
    free(c->blocks);
    c->blocks = NULL;
}

void blocks_drop_all(struct cpu *c)
{
    struct block_store *store = c->blocks->store;

    free_pages(store);
    memset(store->buckets, 0, sizeof(struct block_info *) << BUCKET_BITS);
    clear_table(c);
    store->used = 0;
    c->blocks->full = false;
}

/* ---- pages ---- */

static uint64_t granules_of(uint32_t page, uint32_t pc, uint32_t bytes)
{
    uint32_t base = page << PAGE_BITS;
    uint32_t first = pc < base ? 0 : (pc - base) >> 6;
    uint32_t last = pc + bytes - 1 - base;

    last = last >= PAGE_SIZE ? 63 : last >> 6;
    return (~UINT64_C(0) << first) & (~UINT64_C(0) >> (63 - last));
}

static bool page_add(struct cpu *c, uint32_t page, struct op *head, uint32_t bytes)
{
    struct block_store *store = c->blocks->store;
    struct page_blocks *p = store->pages[page];

    if (p == NULL) {
        if (store->used_page_count == store->used_page_room) {
            uint32_t room = store->used_page_room ? store->used_page_room * 2 : 256;
            uint32_t *more = realloc(store->used_pages, room * sizeof(*more));

            if (more == NULL)
                return false;
            store->used_pages = more;
            store->used_page_room = room;
        }
        p = calloc(1, sizeof(*p));
        if (p == NULL)
            return false;
        store->pages[page] = p;
        store->used_pages[store->used_page_count++] = page;
    }
    if (p->count == p->room) {
        uint32_t room = p->room ? p->room * 2 : 16;
        struct listed *more = realloc(p->blocks, room * sizeof(*more));

        if (more == NULL)
            return false;
        p->blocks = more;
        p->room = room;
    }
    p->blocks[p->count++] =
        (struct listed){.head = head, .first = head->pc, .last = head->pc + bytes - 1};
    p->granules |= granules_of(page, head->pc, bytes);
    mem_watch_code(c, page << PAGE_BITS);
    return true;
}

bool blocks_in_page(const struct cpu *c, uint32_t addr)
{
    const struct page_blocks *p = c->blocks->store->pages[addr >> PAGE_BITS];

    return p != NULL && p->granules != 0;
}

bool blocks_in_granule(const struct cpu *c, uint32_t addr)
{
    const struct page_blocks *p = c->blocks->store->pages[addr >> PAGE_BITS];

    return p != NULL && (p->granules >> ((addr & (PAGE_SIZE - 1)) >> 6) & 1);
}

static void unlist(struct cpu *c, struct op *head)
{
    struct block_store *store = c->blocks->store;
    struct block_info **at = &store->buckets[bucket_of(head->pc, head->it)];

    while (*at != NULL && *at != info_of(head))
        at = &(*at)->next;
    if (*at != NULL)
        *at = (*at)->next;
    if (block_slot(c, head->pc)->head == head)
        *block_slot(c, head->pc) = (struct block_entry){.pc = 1};
    head->fn = op_dead;
    head->raw = DEAD_GENERATION;
}

static void drop_in_page(struct cpu *c, uint32_t page, uint32_t base, uint32_t last)
{
    struct page_blocks *p = c->blocks->store->pages[page];
    uint32_t kept = 0;

    if (p == NULL)
        return;
    p->granules = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        const struct listed *b = &p->blocks[i];

        if (b->head->fn != op_dead && b->first <= last && b->last >= base)
            unlist(c, b->head);
        if (b->head->fn != op_dead) {
            p->granules |= granules_of(page, b->first, b->last - b->first + 1);
            p->blocks[kept++] = *b;
        }
    }
    p->count = kept;
}

/* ---- warm and cold (icache.c) ---- */

/* The generation under which a block may run; a cold one keeps it in its idle register fields. */
static uint32_t generation_of(const struct op *head)
{
    uint32_t generation = head->raw;

    if (head->fn == op_cold)
        memcpy(&generation, &head->rd, sizeof(generation));
    return generation;
}

static void set_generation(struct op *head, uint32_t generation)
{
    if (head->fn == op_cold)
        memcpy(&head->rd, &generation, sizeof(generation));
    else
        head->raw = generation;
}

static void cool(struct op *head)
{
    if (head->fn != op_head)
        return;
    memcpy(&head->rd, &head->raw, sizeof(head->raw));
    head->raw = COLD_GENERATION;
    head->fn = op_cold;
}

void blocks_cool(struct cpu *c, uint32_t line)
{
    const struct page_blocks *p = c->blocks->store->pages[line >> PAGE_BITS];

    for (uint32_t i = 0; p != NULL && i < p->count; i++)
        if (p->blocks[i].first < line + LINE_SIZE && p->blocks[i].last >= line)
            cool(p->blocks[i].head);
}

void blocks_cool_all(struct cpu *c)
{
    const struct block_store *store = c->blocks->store;

    for (uint32_t i = 0; i < store->used_page_count; i++) {
        const struct page_blocks *p = store->pages[store->used_pages[i]];

        for (uint32_t n = 0; n < p->count; n++)
            cool(p->blocks[n].head);
    }
}

void block_warm(struct cpu *c, struct op *head)
{
    if (!icache_fetch(c, head->pc, info_of(head)->bytes) || head->fn != op_cold)
        return;
    head->raw = generation_of(head);
    head->fn = op_head;
}

void blocks_drop(struct cpu *c, uint32_t base, uint32_t size)
{
    struct block_store *store = c->blocks->store;
    uint32_t last = base + size - 1;

    if (size == 0)
        return;
    if (size >= 1u << 20) { /* cheaper the other way round */
        for (uint32_t i = 0; i < store->used_page_count; i++) {
            uint32_t page = store->used_pages[i];

            if (page >= base >> PAGE_BITS && page <= last >> PAGE_BITS)
                drop_in_page(c, page, base, last);
        }
        return;
    }
    for (uint32_t page = base >> PAGE_BITS; page <= last >> PAGE_BITS; page++)
        drop_in_page(c, page, base, last);
}

/* ---- making blocks ---- */

/* A block in the making. */
struct maker {
    struct cpu *c;
    struct op *ops;
    unsigned count; /* ops so far */
    uint32_t pc;    /* of the instruction being decoded */
    uint8_t it;
    unsigned instructions;
    unsigned cycles;
    /* per op, for the removal of flags that nobody reads */
    struct {
        op_fn *without;
        uint8_t set, used;
    } flags[MAX_OPS];
    /* issue model */
    bool can_pair, previous_memory;
    uint8_t previous_rd;
};

static struct op *emit(struct maker *m, op_fn *fn)
{
    struct op *op = &m->ops[m->count];

    *op = (struct op){.fn = fn,
                      .rd = NO_REG,
                      .rn = NO_REG,
                      .rm = NO_REG,
                      .ra = NO_REG,
                      .pc = m->pc,
                      .it = m->it,
                      .cycles = 1};
    memset(&m->flags[m->count], 0, sizeof(m->flags[0]));
    m->count++;
    return op;
}

static void emit_link(struct maker *m, uint32_t taken, uint32_t next, uint8_t itstate)
{
    struct link *link = (struct link *)&m->ops[m->count];

    *link = (struct link){.target = {next, taken}, .itstate = itstate};
    memset(&m->flags[m->count], 0, sizeof(m->flags[0]));
    m->count++;
}

static uint8_t advance(uint8_t it)
{
    return it & 7 ? (uint8_t)((it & 0xE0) | (it << 1 & 0x1F)) : 0;
}

/*
 * The issue model (docs/vboard.md): in order, two a cycle where the second of two simple
 * instructions does not need the first one's result and not both access memory; a result that was
 * loaded is late by one cycle for the next instruction.
 */
static void charge(struct maker *m, const struct op *op, const struct decoded *d)
{
    bool needs = m->previous_rd != NO_REG &&
                 (op->rn == m->previous_rd || op->rm == m->previous_rd || op->ra == m->previous_rd);
    bool pairs = m->can_pair && !needs && (d->simple || d->memory || d->link) && op->cycles == 1 &&
                 !(d->memory && m->previous_memory);

    if (!pairs)
        m->cycles += op->cycles;
    if (needs && m->previous_memory)
        m->cycles++;
    m->can_pair = !pairs && (d->simple || d->memory) && op->cycles == 1;
    m->previous_memory = d->memory;
    m->previous_rd = op->rd;
}

/* Marks flags that are set again before anybody can see them. Whatever may fault can see them. */
static void drop_dead_flags(struct maker *m)
{
    uint8_t live = FLAGS_ALL;

    for (unsigned i = m->count; i-- > 0;) {
        if (m->flags[i].without != NULL && (m->flags[i].set & live) == 0)
            m->ops[i].fn = m->flags[i].without;
        live = (uint8_t)((live & ~m->flags[i].set) | m->flags[i].used);
    }
}

/* CMP and the conditional branch behind it become one operation; the branch op stays for its link
   and for those who skip the CMP. */
static void join_compare(struct maker *m, unsigned branch)
{
    struct op *cmp = &m->ops[branch - 1];
    unsigned cond = m->ops[branch].ra;

    if (branch == 0)
        return;
    if (cmp->fn == exec_alu[ALU_CMP][OPERAND_IMM][1])
        cmp->fn = exec_cmp_imm_branch[cond];
    else if (cmp->fn == exec_alu[ALU_CMP][OPERAND_REG][1])
        cmp->fn = exec_cmp_reg_branch[cond];
}

/* Fetches the instruction at m->pc. */
static enum mem_fault fetch(struct maker *m, uint32_t *insn, uint8_t *len)
{
    uint16_t first, second;
    enum mem_fault fault = mem_fetch(m->c, m->pc, &first);

    if (fault != MEM_OK)
        return fault;
    if (first < 0xE800) {
        *insn = first;
        *len = 2;
        return MEM_OK;
    }
    fault = mem_fetch(m->c, m->pc + 2, &second);
    *insn = (uint32_t)first << 16 | second;
    *len = 4;
    return fault;
}

/* ADD or SUB SP, SP, #a multiple of 4: SP was aligned before. */
static bool keeps_sp_aligned(const struct op *op)
{
    return op->rn == 13 && (op->imm & 3) == 0 &&
           (op->fn == exec_alu[ALU_ADD][OPERAND_IMM][0] ||
            op->fn == exec_alu[ALU_SUB][OPERAND_IMM][0]);
}

/* Decodes one instruction into ops. Returns false when the block is complete. */
static bool add_instruction(struct maker *m, uint32_t insn, uint8_t len)
{
    struct decoded d = {0};
    uint32_t next = m->pc + len;
    uint8_t it = m->it;
    bool conditional = it != 0 && it >> 4 < 14;
    struct op *skip = NULL;

    m->instructions++;
    if (len == 2 && insn >> 8 == 0xBF && (insn & 15) != 0 && it == 0) { /* IT (A7.7.38) */
        m->it = insn & 0xFF;
        m->pc = next;
        m->can_pair = false;
        return true;
    }
    if (conditional) {
        skip = emit(m, exec_skip_unless[it >> 4]);
        m->flags[m->count - 1].used = FLAGS_ALL;
    }

    unsigned start = m->count;
    struct op *op = emit(m, NULL);

    op->raw = insn;
    op->len = len;
    if (len == 2)
        decode16(m->c, insn, op, &d);
    else
        decode32(m->c, insn, op, &d);
    charge(m, op, &d);
    if (d.memory)
        exec_unroll_list(op);
    if (!conditional) {
        m->flags[start].without = d.without_flags;
        m->flags[start].set = d.flags_set;
    }
    m->flags[start].used = d.flags_used;
    if (!d.simple)
        m->flags[start].used = FLAGS_ALL; /* it may fault or look */
    m->it = advance(it);
    if (d.link)
        emit_link(m, op->imm, next, m->it);
    if (d.aligns_sp && !d.ends && !keeps_sp_aligned(op))
        emit(m, op_align_sp);
    if (skip != NULL)
        skip->imm = m->count - start;
    if (d.ends && !conditional && op->fn == exec_branch_if[op->ra < 14 ? op->ra : 0] && start > 0)
        join_compare(m, start);
    m->pc = next;
    if (!d.ends)
        return true;
    if (conditional) { /* the way on when the condition failed */
        emit(m, op_goto);
        emit_link(m, 0, next, m->it);
    }
    return false;
}

/* Takes room for a block in the arena and decodes up to `limit` instructions into it. */
static struct op *make(struct cpu *c, uint32_t pc, uint8_t itstate, unsigned limit,
                       bool ignore_breakpoints)
{
    struct block_store *store = c->blocks->store;
    struct block_info *info = (struct block_info *)&store->arena[store->used];
    struct op *head = head_of(info);
    struct maker m;

    m.c = c;
    m.ops = head + 1;
    m.count = m.instructions = m.cycles = 0;
    m.pc = pc;
    m.it = itstate;
    m.can_pair = m.previous_memory = false;
    m.previous_rd = NO_REG;
    *head = (struct op){.fn = op_head, .pc = pc, .it = itstate, .raw = c->exec_gen};

    bool open = true;

    while (open && m.instructions < limit) {
        uint32_t insn;
        uint8_t len;

        if (!ignore_breakpoints && debug_breaks_at(c->debug, m.pc)) {
            if (m.instructions == 0) {
                emit(&m, op_stop);
                open = false;
            }
            break;
        }
        if (m.instructions != 0 && m.pc >> PAGE_BITS != pc >> PAGE_BITS)
            break;

        enum mem_fault fault = fetch(&m, &insn, &len);

        if (fault != MEM_OK) {
            if (m.instructions == 0) {
                emit(&m, op_fetch_fault)->imm = fault;
                head->x = 1;
                open = false;
            }
            break;
        }
        open = add_instruction(&m, insn, len);
    }
    if (open) {
        emit(&m, op_goto);
        emit_link(&m, 0, m.pc, m.it);
    }
    drop_dead_flags(&m);
    exec_pair_up(m.ops, m.count);
    info->next = NULL;
    info->bytes = m.pc != pc ? m.pc - pc : 2;
    head->imm = m.cycles ? m.cycles : 1;
    head->imm2 = m.instructions;
    store->used += 2 + m.count;
    c->blocks->full = store->used + MAX_OPS + 2 > ARENA_OPS;
    if (c->blocks->full)
        cpu_attend(c);
    c->stats.blocks_decoded++;
    return head;
}

struct op *block_single(struct cpu *c, uint32_t pc, uint8_t itstate)
{
    struct op *head = make(c, pc, itstate, 1, true);

    head->x = 1;
    return head;
}

static struct op *find(const struct cpu *c, uint32_t pc, uint8_t itstate)
{
    struct block_info *info = c->blocks->store->buckets[bucket_of(pc, itstate)];

    for (; info != NULL; info = info->next)
        if (head_of(info)->pc == pc && head_of(info)->it == itstate)
            return head_of(info);
    return NULL;
}

/* The permissions have changed since the block was made: it may stay if its code may still run. */
static bool still_executable(struct cpu *c, const struct op *head)
{
    uint16_t ignored;
    uint32_t last = head->pc + info_of((struct op *)head)->bytes - 2;

    /* No region of the MPU is smaller than 32 bytes (B3.5.9). */
    for (uint32_t pc = head->pc; pc < last; pc = (pc | 31) + 1)
        if (mem_fetch(c, pc, &ignored) != MEM_OK)
            return false;
    return mem_fetch(c, last, &ignored) == MEM_OK;
}

struct op *block_at(struct cpu *c, uint32_t pc, uint8_t itstate)
{
    struct block_store *store = c->blocks->store;
    struct op *head = find(c, pc, itstate);

    if (head != NULL && generation_of(head) != c->exec_gen) {
        if (still_executable(c, head))
            set_generation(head, c->exec_gen);
        else
            head = NULL; /* the old block stays for the state in which it may run */
        if (head == NULL)
            return block_single(c, pc, itstate);
    }
    if (head == NULL) {
        head = make(c, pc, itstate, MAX_INSTRUCTIONS, false);
        if (block_is_transient(head))
            return head;

        uint32_t bytes = info_of(head)->bytes;
        uint32_t last_page = (pc + bytes - 1) >> PAGE_BITS;

        if (!page_add(c, pc >> PAGE_BITS, head, bytes) ||
            (last_page != pc >> PAGE_BITS && !page_add(c, last_page, head, bytes))) {
            head->x = 1; /* out of memory: usable once */
            return head;
        }
        cool(head);
        struct block_info **bucket = &store->buckets[bucket_of(pc, itstate)];
        info_of(head)->next = *bucket;
        *bucket = info_of(head);
    }
    if (itstate == 0)
        *block_slot(c, pc) = (struct block_entry){.pc = pc, .head = head};
    return head;
}
