/* What DMA1, DMA2, BDMA, MDMA and OTG_HS have in common as masters; only they include it. */
#ifndef VBOARD_SOC_DMA_INT_H
#define VBOARD_SOC_DMA_INT_H

#include "devices.h"
#include "timing.h"

/* One access of a controller on its bus; what it waits for is added to *stall. */
static inline enum bus_status dma_access(struct soc *soc, uint32_t addr, uint8_t *data,
                                         unsigned size, bool write, vtime *stall)
{
    struct bus_access a = {.addr = addr,
                           .attr = BUS_DEVICE | BUS_PRIVILEGED,
                           .size = size,
                           .strobe = (1u << size) - 1,
                           .write = write,
                           .data = data};
    enum bus_status status = bus_do(soc->bus, &a);

    *stall += a.stall_ps;
    return status;
}

/* When an item that is taken up now is moved, if its targets do not wait. HCLK runs. */
static inline vtime dma_item_end(const struct soc *soc)
{
    return sched_now(soc->sched) + vtime_of_clocks(CLOCKS_DMA_ITEM, soc_clock_hz(soc, CLOCK_HCLK));
}

/* The memories that are the core's own, which the bus does not reach. */
static inline bool dma_is_tcm(uint32_t addr)
{
    return addr < 0x00010000 || (addr >= 0x20000000 && addr < 0x20020000);
}

/* A register that was written while its stream or channel is enabled, in so far as it may not be:
   back to what it was. name: with the controller's, as "DMA1_S3CR". */
static inline void dma_keep(struct soc *soc, uint32_t *reg, uint32_t old, uint32_t locked,
                            const char *controller, char kind, unsigned number, const char *name)
{
    uint32_t changed = (*reg ^ old) & locked;

    if (changed)
        complain(soc->complaints, GUEST_ERROR, "dma-write-while-enabled",
                 "%s_%c%u%s: bits 0x%08x written while EN = 1; ignored", controller, kind, number,
                 name, (unsigned)changed);
    *reg = (old & locked) | (*reg & ~locked);
}

#endif
