/*
 * The device contract: a peripheral is a table of registers (data) plus the few functions for what
 * a table cannot say. Simulation thread only.
 *
 * Offsets, reset values and writable bits are RM0455's register maps. A register that is in a table
 * reads back what the manual says even when nothing is modelled behind it; an access outside the
 * table reads 0, loses writes and is counted: as a guest error if the table is complete, else as
 * unimplemented.
 *
 * A device is a heap object that begins with a struct device. Its create function allocates it with
 * calloc(), fills in the fields of the first group below and calls device_init(); from then on the
 * SoC owns it, resets it and frees it.
 */
#ifndef VBOARD_SOC_DEVICE_H
#define VBOARD_SOC_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../cpu/bus.h"
#include "../wire/complain.h"
#include "../wire/sched.h"

struct device;
struct soc; /* soc.h: clocks, interrupt lines, the other devices */

struct reg {
    const char *name;
    uint16_t offset;
    uint32_t reset;
    uint32_t writable; /* bits that a write stores */
    uint32_t w1c;      /* bits that a written 1 clears (write 0: no effect); not in `writable` */
    uint16_t count;    /* array of registers: 0 or 1 = single */
    uint16_t stride;   /* bytes between elements; 0 = 4 */

    /*
     * Both optional; index = element of an array (0 for single registers).
     *
     * read: the value to return. Side effects (FIFO pop, flags cleared by reading) only if
     * !d->peek.
     * write: called after the stored value was updated by the rules above. `value` = what was
     * written, 0 in the byte lanes that a narrow store does not carry (so a byte store never
     * repeats a command bit by accident); `old` = the stored value before.
     */
    uint32_t (*read)(struct device *d, unsigned index);
    void (*write)(struct device *d, unsigned index, uint32_t value, uint32_t old);
};

/* Where in RCC a device's bus clock enable and its reset sit: register offsets, and one bit number
   for both. Offset 0 = there is none (always clocked; no reset bit). */
struct rcc_gate {
    uint16_t enr;
    uint16_t rstr;
    uint8_t bit;
};

/* The bus that a device sits on, for its access time. */
enum device_bus { ON_AHB, ON_APB1, ON_APB2, ON_APB3, ON_APB4 };

struct device {
    /* Filled in by the device's create function. */
    const char *name; /* as the manual names it: "RCC", "USART1" */
    uint32_t base;
    uint32_t size;
    const struct reg *regs;
    size_t reg_count;
    struct rcc_gate gate;
    enum device_bus on;
    bool word_only; /* RM0455: "accessed by words (32-bit)" only; others are a guest error */
    bool complete;  /* the table has every register of the manual */
    bool readback;  /* not modelled: every word stores and reads back, accesses are counted
                       as unimplemented; `regs` then only gives reset values and exceptions */
    /* Accesses without its clock that are a habit of correct programs: without effect as ever, but
       no error. */
    bool quiet_reads, quiet_writes;
    bool backup_domain; /* system resets leave it alone (RM0455: VSW domain) */

    /* After the table's reset values were stored, and once more nothing else; may be NULL. */
    void (*reset)(struct device *d);
    /* A clock frequency changed (soc_clock_hz() has the new ones); may be NULL. */
    void (*clocks_changed)(struct device *d);
    /* What `free` of the object itself does not release; may be NULL. */
    void (*destroy)(struct device *d);
    /*
     * If set, gets every access instead of the register table (after the clock check). It may pass
     * on to device_access_regs(). a->addr is absolute, a->size 1, 2, 4, 8 or 32.
     */
    enum bus_status (*access)(struct device *d, struct bus_access *a);

    /* Kept by device.c. */
    struct soc *soc;
    bool peek;          /* the access under way is a debugger's: no side effects */
    uint32_t *value;    /* one word for each register element */
    uint16_t *slot;     /* word offset / 4 -> index into value + 1 */
    uint16_t *slot_reg; /* index into value -> index into regs (UINT16_MAX: none, readback) */
    const uint32_t *enable_word; /* RCC_xxxENR's stored value, NULL = always clocked */
    const uint32_t *reset_word;  /* RCC_xxxRSTR's stored value, NULL = none */
    uint32_t gate_mask;
    uint64_t stall_ps;   /* time an access takes on its bus beyond the core's own cycle */
    struct device *next; /* in the SoC's list */
};

/*
 * Allocates the register values, stores the reset values, maps the device on soc's bus (if size >
 * 0) and links it into the SoC. Calls d->reset() not yet: soc_reset() does. 0, or -1 (out of
 * memory, overlap): the caller still owns d then.
 */
int device_init(struct device *d, struct soc *soc);
/* Unlinks nothing; frees what device_init() allocated, calls d->destroy and frees d. SoC only. */
void device_free(struct device *d);
/* Stores reset values, then calls d->reset. */
void device_reset(struct device *d);

/* An access by the register table. */
enum bus_status device_access_regs(struct device *d, struct bus_access *a);

/* Its bus clock runs and it is not held in reset. An access when not reads 0, loses writes and is a
   guest error. */
static inline bool device_clocked(const struct device *d)
{
    return (!d->enable_word || (*d->enable_word & d->gate_mask)) &&
           !(d->reset_word && (*d->reset_word & d->gate_mask));
}

/* Stored value of the register at offset, for the device's own functions; offset must be in the
   table (asserted). Constant time, but keep the pointer where it is hot. */
uint32_t *device_reg(struct device *d, uint32_t offset);

#endif
