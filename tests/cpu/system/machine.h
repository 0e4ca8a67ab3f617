/*
 * The machine of these tests: a core with a flat memory, some places that answer with errors, and a
 * device that drives interrupt lines. Programs stand in programs.S.
 *
 *   0x00000000  64 KB   vector table and programs
 *   0x20000000  64 KB   RAM: log, script, stacks (MSP from 0x20008000, PSP from 0x20006000 down)
 *   0x20010000   4 KB   RAM that counts its accesses
 *   0x30000000   4 KB   every access fails
 *   0x60000000   4 KB   reads work, writes fail (Normal memory: such an error is imprecise)
 *   0x40000000   4 KB   device, see DEVICE_*
 */
#ifndef TESTS_CPU_SYSTEM_MACHINE_H
#define TESTS_CPU_SYSTEM_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bus.h"
#include "cpu.h"
#include "programs.h" /* made from programs.S: AT_name for every label */

#define RAM         0x20000000u
#define LOG         0x20000000u
#define SCRIPT      0x20001000u
#define MSP_TOP     0x20008000u
#define PSP_TOP     0x20006000u
#define COUNTED     0x20010000u
#define COUNTED_TOP 0x20011000u
#define BROKEN      0x30000000u
#define READ_ONLY   0x60000000u
#define DEVICE      0x40000000u
#define NOWHERE     0x50000000u

#define DEVICE_LINE  (DEVICE + 0)     /* write: interrupt line in bits 7:0, its level in bit 8 */
#define DEVICE_NMI   (DEVICE + 4)     /* write: pulses NMI */
#define DEVICE_TIME  (DEVICE + 8)     /* read: the core's cycle counter */
#define DEVICE_AGAIN (DEVICE + 0x800) /* as DEVICE_LINE, with nothing around it */

/* Registers of the system control space. */
#define ACTLR      0xE000E008u
#define SYST_CSR   0xE000E010u
#define SYST_RVR   0xE000E014u
#define SYST_CVR   0xE000E018u
#define ISER0      0xE000E100u
#define ICER0      0xE000E180u
#define ISPR0      0xE000E200u
#define ICPR0      0xE000E280u
#define IABR0      0xE000E300u
#define IPR0       0xE000E400u
#define ICSR       0xE000ED04u
#define VTOR       0xE000ED08u
#define AIRCR      0xE000ED0Cu
#define SCR        0xE000ED10u
#define CCR        0xE000ED14u
#define SHPR1      0xE000ED18u
#define SHPR2      0xE000ED1Cu
#define SHPR3      0xE000ED20u
#define SHCSR      0xE000ED24u
#define CFSR       0xE000ED28u
#define HFSR       0xE000ED2Cu
#define DFSR       0xE000ED30u
#define MMFAR      0xE000ED34u
#define BFAR       0xE000ED38u
#define CPACR      0xE000ED88u
#define MPU_TYPE   0xE000ED90u
#define MPU_CTRL   0xE000ED94u
#define MPU_RNR    0xE000ED98u
#define MPU_RBAR   0xE000ED9Cu
#define MPU_RASR   0xE000EDA0u
#define DHCSR      0xE000EDF0u
#define DEMCR      0xE000EDFCu
#define STIR       0xE000EF00u
#define FPCCR      0xE000EF34u
#define FPCAR      0xE000EF38u
#define FPDSCR     0xE000EF3Cu
#define ABFSR      0xE000EFA8u
#define DWT_CTRL   0xE0001000u
#define DWT_CYCCNT 0xE0001004u
#define DWT_LAR    0xE0001FB0u
#define DWT_LSR    0xE0001FB4u

/* Exception numbers, B1.5.2. Lines begin at 16. */
enum { NMI = 2, HARD, MEM, BUS, USAGE, SVCALL = 11, MONITOR, PENDSV = 14, SYSTICK };

/* CFSR, B3.2.15. */
enum {
    IACCVIOL = 1 << 0,
    DACCVIOL = 1 << 1,
    MUNSTKERR = 1 << 3,
    MSTKERR = 1 << 4,
    MLSPERR = 1 << 5,
    MMARVALID = 1 << 7,
    IBUSERR = 1 << 8,
    PRECISERR = 1 << 9,
    IMPRECISERR = 1 << 10,
    UNSTKERR = 1 << 11,
    STKERR = 1 << 12,
    LSPERR = 1 << 13,
    BFARVALID = 1 << 15,
    UNDEFINSTR = 1 << 16,
    INVSTATE = 1 << 17,
    INVPC = 1 << 18,
    NOCP = 1 << 19,
    UNALIGNED = 1 << 24,
    DIVBYZERO = 1 << 25,
};
/* HFSR, B3.2.16. */
#define VECTTBL  (1u << 1)
#define FORCED   (1u << 30)
#define DEBUGEVT (1u << 31)

#define IRQS      48u
#define PRIO_BITS 4u

struct machine {
    struct bus *bus;
    struct cpu *cpu;
    uint8_t *code;
    uint8_t *ram;
    uint8_t counted[0x1000];
    unsigned counted_reads, counted_writes;
    uint32_t last_attr; /* of the last access to COUNTED, READ_ONLY or DEVICE */
    unsigned resets;
    unsigned sleeps, deep_sleeps;
    unsigned remarks;
    char remark[160];
};

/* A machine just out of reset: privileged Thread mode on MSP_TOP, every vector at halt_handler, the
   three configurable faults disabled. */
struct machine *machine_new(void);
void machine_free(struct machine *m);

/* Sets the handler of an exception (an AT_ address). */
void machine_handler(struct machine *m, unsigned exception, uint32_t address);
void machine_vector(struct machine *m, unsigned exception, uint32_t raw);

/* Memory and registers, as a debugger writes and reads them. */
uint32_t word(struct machine *m, uint32_t addr);
void set_word(struct machine *m, uint32_t addr, uint32_t value);
void set_byte(struct machine *m, uint32_t addr, uint8_t value);
uint8_t get_byte(struct machine *m, uint32_t addr);
uint32_t reg(struct machine *m, unsigned r);
void set_reg(struct machine *m, unsigned r, uint32_t value);

/* Runs from an AT_ address until the breakpoint at `stop` (or in halt_handler) is reached. */
void run(struct machine *m, uint32_t from);
/* The same, and expects another end: CPU_TIME after `cycles`, CPU_LOCKUP. */
void run_expecting(struct machine *m, uint32_t from, enum cpu_stop stop, uint64_t cycles);
/* Goes on from where the last run ended. */
void resume(struct machine *m);

/* IPSR. */
uint32_t exception_now(struct machine *m);
/* What runs and what CFSR says. */
void expect_fault(struct machine *m, uint32_t exception, uint32_t cfsr);
/* Word i of the frame at the stack pointer: 0..3 = R0..R3, 4 = R12, 5 = LR, 6 = PC, 7 = xPSR. */
uint32_t stacked(struct machine *m, unsigned i);
/* Gives an interrupt line its priority and enables it. */
void enable_line(struct machine *m, unsigned line, uint8_t priority);
/* Is in a handler: goes on with its exception return, and further until the next stop. */
void leave(struct machine *m);
/* The same, but what was interrupted is left for good: the machine is in Thread mode at `stop`
 * again. */
void abandon(struct machine *m);
/* What log_handler and friends noted. */
unsigned log_count(struct machine *m);
uint32_t log_entry(struct machine *m, unsigned i);

/* Goes to Thread mode on the process stack, or to unprivileged Thread mode. */
void use_psp(struct machine *m);
void drop_privilege(struct machine *m);
void enable_faults(struct machine *m);
void enable_fpu(struct machine *m);

/* Region n of the MPU. */
void mpu_region(struct machine *m, unsigned n, uint32_t base, uint32_t rasr);
#define RASR_SIZE(log2) (((log2)-1u) << 1 | 1u)
#define RASR_AP(ap)     ((uint32_t)(ap) << 24)
#define RASR_NORMAL     (1u << 19 | 1u << 17 | 1u << 16) /* write-back, write and read allocate */
#define RASR_XN         (1u << 28)

/* A fixed sequence of random numbers. */
uint32_t random_word(uint64_t *state);

int setup(void **state);
int teardown(void **state);

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif
