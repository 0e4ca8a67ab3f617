#include "an500.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

/* System control space: this version of Unicorn has nothing there. The program writes CPACR and
 * reads nothing back. */
#define SCS_BASE 0xE000E000u
#define SCS_SIZE 0x1000u

static void must(uc_err error, const char *what)
{
    if (error == UC_ERR_OK)
        return;
    fprintf(stderr, "an500: unicorn: %s: %s\n", what, uc_strerror(error));
    exit(2);
}

static uint64_t uart_read(uc_engine *uc, uint64_t offset, unsigned size, void *board)
{
    (void)uc;
    (void)size;
    return an500_uart_read(board, (uint32_t)offset);
}

static void uart_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *board)
{
    (void)uc;
    (void)size;
    an500_uart_write(board, (uint32_t)offset, (uint32_t)value);
}

void an500_run(struct an500 *board)
{
    uint32_t vectors[2];
    uint32_t fpexc = 1u << 30; /* EN: how this version's M-profile FPU is switched on as well */
    uc_engine *uc;

    must(uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &uc), "open");
    must(uc_ctl_set_cpu_model(uc, UC_CPU_ARM_CORTEX_M7), "model");
    must(uc_mem_map_ptr(uc, 0, AN500_RAM_SIZE, UC_PROT_ALL, board->ram), "memory");
    must(uc_mmio_map(uc, AN500_UART_BASE, AN500_UART_SIZE, uart_read, board, uart_write, board),
         "UART");
    must(uc_mem_map(uc, SCS_BASE, SCS_SIZE, UC_PROT_READ | UC_PROT_WRITE), "system control space");
    must(uc_reg_write(uc, UC_ARM_REG_FPEXC, &fpexc), "FPU");
    memcpy(vectors, board->ram, sizeof(vectors));
    must(uc_reg_write(uc, UC_ARM_REG_SP, &vectors[0]), "SP");

    uc_err error = uc_emu_start(uc, vectors[1] | 1, UINT32_MAX, 0, 0);
    uint32_t pc = 0;

    uc_reg_read(uc, UC_ARM_REG_PC, &pc);
    fprintf(stderr, "an500: unicorn stopped at 0x%08x: %s\n", (unsigned)pc, uc_strerror(error));
    exit(2);
}
