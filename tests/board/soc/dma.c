/* Streams of DMA1 and DMA2, register by register as a driver library sets them up and stops them.
 */
#include "soc.h"

static const uint8_t flag_position[4] = {0, 6, 16, 22};

uint32_t dma_registers(struct dma_stream s)
{
    return s.controller + 0x10 + 0x18 * s.number;
}

uint32_t dma_flags(struct dma_stream s)
{
    return R(s.controller, s.number / 4 * 4) >> flag_position[s.number % 4] & 0x3D;
}

void dma_clear_flags(struct dma_stream s, uint32_t flags)
{
    R(s.controller, 0x08 + s.number / 4 * 4) = flags << flag_position[s.number % 4];
}

void dma_clear(struct dma_stream s)
{
    dma_clear_flags(s, 0x3F);
}

bool dma_init(struct dma_stream s, unsigned request, uint32_t cr, uint32_t fcr)
{
    uint32_t r = dma_registers(s);
    unsigned channel = s.number + (s.controller == DMA2 ? 8 : 0);

    R(RCC, RCC_AHB1ENR) |= s.controller == DMA2 ? 2 : 1;
    (void)R(RCC, RCC_AHB1ENR);
    R(r, DMA_CR) &= ~(uint32_t)DMA_EN;
    if (!wait_for(&R(r, DMA_CR), DMA_EN, 0, 5))
        return false;
    R(r, DMA_CR) = (R(r, DMA_CR) & 0xFE10803Fu) | cr;
    R(r, DMA_FCR) = (R(r, DMA_FCR) & ~7u) | fcr;
    dma_clear(s);
    R(DMAMUX1, 4 * channel) = request;
    R(DMAMUX1, 0x84) = BIT(channel);
    return true;
}

void dma_start(struct dma_stream s, uint32_t peripheral, uint32_t memory, uint32_t items,
               uint32_t interrupts)
{
    uint32_t r = dma_registers(s);

    R(r, DMA_CR) &= ~(uint32_t)DMA_EN;
    dma_clear(s);
    R(r, DMA_CR) &= ~(uint32_t)DMA_DBM;
    R(r, DMA_NDTR) = items;
    R(r, DMA_PAR) = peripheral;
    R(r, DMA_M0AR) = memory;
    R(r, DMA_CR) = (R(r, DMA_CR) & ~0x1Eu) | interrupts;
    R(r, DMA_CR) |= DMA_EN;
}

bool dma_wait(struct dma_stream s, uint32_t limit)
{
    uint32_t start = ticks;
    bool good;

    while (!(dma_flags(s) & (DMA_FLAG_TC | DMA_FLAG_TE))) {
        if (ticks - start > limit)
            return false;
    }
    good = !(dma_flags(s) & DMA_FLAG_TE);
    dma_clear(s);
    return good;
}

bool dma_abort(struct dma_stream s)
{
    uint32_t r = dma_registers(s);
    bool stopped;

    R(r, DMA_CR) &= ~0x1Eu;
    R(r, DMA_FCR) &= ~BIT(7);
    R(r, DMA_CR) &= ~(uint32_t)DMA_EN;
    stopped = wait_for(&R(r, DMA_CR), DMA_EN, 0, 5);
    dma_clear(s);
    return stopped;
}
