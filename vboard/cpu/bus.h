/*
 * The memory contract between a bus master (the core, later DMA) and what answers at an address.
 *
 * A master describes one access: address, bytes, byte strobes and the attributes that AXI/AHB carry
 * (AxCACHE, AxPROT, AxLOCK; ARMv7-M ARM B3.1 and B3.5.5 for where they come from). A target answers
 * with a status as AXI does and with the time that it kept the master waiting.
 *
 * Everything here runs on the one simulation thread. Nothing here knows the core or any chip.
 */
#ifndef VBOARD_CPU_BUS_H
#define VBOARD_CPU_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* AXI response (xRESP). The core turns both errors into a BusFault. */
enum bus_status {
    BUS_OK = 0,
    BUS_SLVERR, /* the target refused */
    BUS_DECERR, /* nothing is mapped there */
};

/* Attributes of an access; a set of bits. */
enum {
    BUS_TYPE_MASK = 3 << 0,
    BUS_STRONGLY_ORDERED = 0 << 0,
    BUS_DEVICE = 1 << 0,
    BUS_NORMAL = 2 << 0,
    BUS_SHAREABLE = 1 << 2,
    BUS_CACHE_MASK = 3 << 3, /* inner cache policy of Normal memory */
    BUS_NON_CACHEABLE = 0 << 3,
    BUS_WRITE_THROUGH = 1 << 3,
    BUS_WRITE_BACK = 2 << 3,
    BUS_WRITE_ALLOCATE = 1 << 5,
    BUS_PRIVILEGED = 1 << 6,
    BUS_FETCH = 1 << 7,     /* instruction fetch */
    BUS_EXCLUSIVE = 1 << 8, /* LDREX/STREX */
    BUS_DEBUG = 1 << 9,     /* loader or debugger: no side effects, no time, no complaints */
    BUS_WRAP = 1 << 10,     /* wrapping burst (cache line fill, critical beat first) */
};

/* Longest access: one cache line. */
#define BUS_MAX_SIZE 32u

struct bus_access {
    uint32_t addr;   /* of the first byte (with BUS_WRAP: of the critical beat) */
    uint32_t attr;   /* BUS_* */
    uint32_t size;   /* bytes: 1, 2, 4, 8, or 32 for a line; never crosses a 32-byte line */
    uint32_t strobe; /* writes: bit n set = data[n] is to be written; reads: ignored */
    bool write;
    uint8_t *data;     /* size bytes, lowest address first; targets fill it on reads */
    uint64_t stall_ps; /* out: how long the target kept the master waiting, picoseconds */
};

/* Answers one access. addr is absolute. Called on the simulation thread, never re-entered. */
typedef enum bus_status bus_fn(void *ctx, struct bus_access *a);

enum {
    BUS_DIRECT_READ = 1 << 0,  /* reads and fetches may use `host` directly */
    BUS_DIRECT_WRITE = 1 << 1, /* writes may use `host` directly */
    BUS_OBSERVED = 1 << 2, /* another party sees this memory: caches must hold their data back */
};

/*
 * One range of the address space. With BUS_DIRECT_READ or _WRITE such accesses touch host[addr -
 * base] without a call; all others call fn. A region without fn and without the direct flag answers
 * BUS_SLVERR.
 */
struct bus_region {
    const char *name;
    uint32_t base;
    uint32_t size; /* bytes; base + size <= 2^32 */
    uint32_t flags;
    uint8_t *host;
    bus_fn *fn;
    void *ctx;
    uint32_t read_wait; /* cycles beyond one for a direct access, for the time model */
    uint32_t write_wait;
    uint64_t
        line_ps; /* time to fetch a cache line from direct memory; 0: nothing caches it (TCM) */
};

struct bus;

struct bus *bus_new(void);
void bus_free(struct bus *b);

/* Maps a region (copied). Regions must not overlap. 0, or -1 if it overlaps or memory ran out. */
int bus_map(struct bus *b, const struct bus_region *region);

/* The region at addr, or NULL. The pointer stays valid until the next bus_map(). */
const struct bus_region *bus_find(struct bus *b, uint32_t addr);

/* Performs an access that lies within one region; direct regions are served here as well. */
enum bus_status bus_do(struct bus *b, struct bus_access *a);

/* A target changes the direct flags of its region that begins at base; tells the listeners itself.
   0, or -1 if no region begins there. */
int bus_set_flags(struct bus *b, uint32_t base, uint32_t flags);
/* How long a cache line of it takes now; counts from the next line on. 0, or -1 as above. */
int bus_set_line_time(struct bus *b, uint32_t base, uint64_t line_ps);
/* The same for the bytes behind its direct accesses. */
int bus_set_host(struct bus *b, uint32_t base, uint8_t *host);

/*
 * A target tells that bytes behind a direct region changed by other means than a master's write
 * (flash programmed, bank swapped) or that the region's direct flags changed: masters drop what
 * they derived from them (decoded code, page pointers).
 */
void bus_changed(struct bus *b, uint32_t base, uint32_t size);

/* A master that wants to hear of it. One listener a master; at most 4. Returns 0, or -1 if full. */
int bus_on_change(struct bus *b, void (*fn)(void *ctx, uint32_t base, uint32_t size), void *ctx);

#endif
