#include "an500.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"

static enum bus_status uart_access(void *ctx, struct bus_access *a)
{
    struct an500 *board = ctx;
    uint32_t value = 0;

    if (a->size > sizeof(value))
        return BUS_SLVERR;
    if (a->write) {
        memcpy(&value, a->data, a->size);
        an500_uart_write(board, a->addr - AN500_UART_BASE, value);
    } else {
        value = an500_uart_read(board, a->addr - AN500_UART_BASE);
        memcpy(a->data, &value, a->size);
    }
    return BUS_OK;
}

static uint64_t count(void *ctx)
{
    return cpu_instructions(ctx);
}

void an500_run(struct an500 *board)
{
    const struct bus_region regions[] = {
        {.name = "ram",
         .size = AN500_RAM_SIZE,
         .flags = BUS_DIRECT_READ | BUS_DIRECT_WRITE,
         .host = board->ram},
        {.name = "uart",
         .base = AN500_UART_BASE,
         .size = AN500_UART_SIZE,
         .fn = uart_access,
         .ctx = board},
    };
    /* The processor of AN500: Cortex-M7 r0p2, 32 interrupts, 3 bits of priority, 8 regions. */
    struct cpu_config config = {.bus = bus_new(),
                                .irq_count = 32,
                                .prio_bits = 3,
                                .mpu_regions = 8,
                                .cpuid = 0x410FC272u,
                                .seed = 1};
    struct cpu *cpu;
    char text[200];

    for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
        if (bus_map(config.bus, &regions[i]) != 0)
            exit(2);
    cpu = cpu_new(&config);
    if (cpu == NULL)
        exit(2);
    board->instructions = count;
    board->ctx = cpu;
    cpu_reset(cpu, 0);
    cpu_run(cpu, UINT64_MAX);
    cpu_explain(cpu, text, sizeof(text));
    fprintf(stderr, "an500: the core stopped: %s\n", text);
    exit(2);
}
