/*
 * OCTOSPI1 and OCTOSPI2, their I/O manager OCTOSPIM and their delay blocks DLYB.
 *
 * Behaviour follows RM0455's register set and, where its wording was not at hand, the text of the
 * same IP in RM0456 (OCTOSPI chapter). docs/vboard-octospi.md lists what is modelled, and each
 * place where the manuals leave something open together with what this model does.
 *
 * From the processor's bus to a memory chip there is no way but frames on one of the two ports'
 * memory buses (wire/membus.h).
 */
#ifndef VBOARD_SOC_OCTOSPI_H
#define VBOARD_SOC_OCTOSPI_H

#include <stdbool.h>
#include <stdint.h>

#include "../wire/membus.h"
#include "soc.h"

/*
 * What becomes of the lanes of a memory-mapped write's 8-byte beat that carry no data. The slave
 * port is 64 bits wide and byte strobes could reach the memory only through a DM/DQS line, which
 * quad SPI PSRAM does not have.
 */
enum octospi_partial {
    OCTOSPI_PARTIAL_ZERO,  /* written as 0x00: seen on STM32H7B0 with APS6404L and on H723 (the
                              default) */
    OCTOSPI_PARTIAL_MASK,  /* not written, as if there were a mask line */
    OCTOSPI_PARTIAL_STALE, /* written with what these lanes carried in the beat before */
};

/* The pins that lead to the chip on a board's port. Unused IO: OCTOSPI_NO_PIN. */
enum { OCTOSPI_NO_PIN = 0xFFFF };
struct octospi_wiring {
    uint16_t ncs, clk, io[8];
};

/* The bus on port 1 or 2; parts and listeners are attached there. It lives as long as the SoC. */
struct membus *octospi_bus(struct soc *soc, unsigned port);

/*
 * Which pins a port's bus is soldered to. A frame reaches a wire only while that pin is in the
 * alternate function that carries it, and OCTOSPIM routes it there. Until the first call: port 1 as
 * on the DEVEBOX and WeAct boards (PB6, PB2, PD11, PD12, PE2, PD13), port 2 to nothing.
 */
void octospi_wire(struct soc *soc, unsigned port, const struct octospi_wiring *wiring);

/* Default OCTOSPI_PARTIAL_ZERO. */
void octospi_set_partial(struct soc *soc, enum octospi_partial rule);

/*
 * Brings both controllers up to sched_now(): what happened on the wires until then has been
 * reported to the buses' listeners. For the end of a run, and before somebody looks at a trace.
 */
void octospi_sync(struct soc *soc);

/* MDMA wants mdma_request() for changes of FTF and of TCF from now on. instance 1 or 2. */
void octospi_listen(struct soc *soc, unsigned instance, bool threshold, bool complete);

struct octospi_stats {
    uint64_t mapped_reads, mapped_writes; /* accesses in the window */
    uint64_t partial_beats;
    uint64_t sequential; /* mapped reads that went on with a running burst */
    vtime stalled;       /* masters kept waiting, register and window accesses */
};
/* instance 1 or 2. */
void octospi_get_stats(struct soc *soc, unsigned instance, struct octospi_stats *out);

#endif
