/* SPDX-License-Identifier: MIT */

#include "fault.h"
#include "mpu.h"
#include "reset.h"
#include "usart.h"
#include "stm32h7a3.h"

#define RECORD_MAGIC        0x464C5421u /* "!TLF" */
#define FAULT_STACK_BYTES   1024u
#define EXCEPTION_NMI       2u
#define EXCEPTION_HARD      3u
#define EXCEPTION_MEMMANAGE 4u
#define EXCEPTION_BUS       5u
#define EXCEPTION_USAGE     6u
#define EXCEPTION_IRQ0      16u

extern uint32_t _sstack, _estack;

/* The stack may be what is broken, so the handler has its own. Names are used by the entry code. */
__attribute__((used, aligned(8))) static uint8_t fault_stack[FAULT_STACK_BYTES];
__attribute__((used)) static uint32_t fault_r4_r11[8];

/* Neither cleared nor initialised at reset. */
static struct {
    uint32_t magic;
    struct fault_record record;
} survivor __attribute__((section(".noinit")));

static bool previous_valid;
static struct fault_record previous;

void fault_init(void)
{
    /*
     * After power-on RAM holds noise, and reading it may also trip its ECC: look only when the
     * reset is of the kind that a fault makes.
     */
    if (reset_cause() == RESET_CAUSE_SOFTWARE && survivor.magic == RECORD_MAGIC) {
        previous = survivor.record;
        previous_valid = true;
    }
    survivor.magic = 0;
    SCB->SHCSR |= SCB_SHCSR_MEMFAULTENA_Msk | SCB_SHCSR_BUSFAULTENA_Msk | SCB_SHCSR_USGFAULTENA_Msk;
}

const struct fault_record *fault_previous(void)
{
    return previous_valid ? &previous : NULL;
}

const char *fault_name(uint32_t exception)
{
    switch (exception) {
    case EXCEPTION_NMI:
        return "NMI";
    case EXCEPTION_HARD:
        return "HardFault";
    case EXCEPTION_MEMMANAGE:
        return "MemManage fault";
    case EXCEPTION_BUS:
        return "BusFault";
    case EXCEPTION_USAGE:
        return "UsageFault";
    default:
        return exception >= EXCEPTION_IRQ0 ? "unexpected interrupt" : "unexpected exception";
    }
}

static const struct {
    uint32_t bit;
    const char *text;
} cfsr_reasons[] = {
    {SCB_CFSR_IACCVIOL_Msk, "instruction fetch from memory that the MPU closes"},
    {SCB_CFSR_DACCVIOL_Msk, "load or store that the MPU forbids"},
    {SCB_CFSR_MUNSTKERR_Msk, "MPU violation while leaving an exception"},
    {SCB_CFSR_MSTKERR_Msk, "MPU violation while stacking registers: stack overflow"},
    {SCB_CFSR_MLSPERR_Msk, "MPU violation while saving FP registers: stack overflow"},
    {SCB_CFSR_IBUSERR_Msk, "bus error on an instruction fetch"},
    {SCB_CFSR_PRECISERR_Msk, "bus error on a load or store, at the PC shown"},
    {SCB_CFSR_IMPRECISERR_Msk, "bus error on a buffered store, some instructions before the PC"},
    {SCB_CFSR_UNSTKERR_Msk, "bus error while leaving an exception"},
    {SCB_CFSR_STKERR_Msk, "bus error while stacking registers"},
    {SCB_CFSR_LSPERR_Msk, "bus error while saving FP registers"},
    {SCB_CFSR_UNDEFINSTR_Msk, "undefined instruction"},
    {SCB_CFSR_INVSTATE_Msk, "jump to an address without the Thumb bit"},
    {SCB_CFSR_INVPC_Msk, "invalid exception return"},
    {SCB_CFSR_NOCP_Msk, "coprocessor or FPU not enabled"},
    {SCB_CFSR_UNALIGNED_Msk, "unaligned access that the instruction does not allow"},
    {SCB_CFSR_DIVBYZERO_Msk, "division by zero"},
};

static void put(const char *text)
{
    usart_panic_write(text);
}

static void put_hex(const char *label, uint32_t value)
{
    char digits[11] = "0x";
    for (int i = 0; i < 8; i++) {
        digits[2 + i] = "0123456789abcdef"[(value >> (28 - 4 * i)) & 15u];
    }
    digits[10] = '\0';
    put(label);
    put(digits);
}

static void put_decimal(uint32_t value)
{
    char digits[11];
    char *p = &digits[sizeof digits - 1];
    *p = '\0';
    do {
        *--p = (char)('0' + value % 10u);
        value /= 10u;
    } while (value > 0);
    put(p);
}

static void put_reasons(const struct fault_record *r)
{
    for (unsigned i = 0; i < sizeof cfsr_reasons / sizeof cfsr_reasons[0]; i++) {
        if (r->cfsr & cfsr_reasons[i].bit) {
            put("  ");
            put(cfsr_reasons[i].text);
            put("\r\n");
        }
    }
    if (r->hfsr & SCB_HFSR_VECTTBL_Msk) {
        put("  bus error on reading the vector table\r\n");
    }
    if (r->hfsr & SCB_HFSR_FORCED_Msk) {
        put("  escalated, because the fault's own handler could not run\r\n");
    }
    if (r->cfsr & (SCB_CFSR_MMARVALID_Msk | SCB_CFSR_BFARVALID_Msk)) {
        put_hex("  address ", r->address);
        if (r->address - DTCM_BASE < MPU_STACK_GUARD_BYTES) {
            put(", the guard below the stack: stack overflow");
        } else if (r->address < 1024u) {
            put(", a null pointer");
        }
        put("\r\n");
    }
    if (r->abfsr & SCB_ABFSR_AXIM_Msk) {
        static const char *const responses[] = {"OKAY", "EXOKAY", "SLVERR", "DECERR"};
        put("  AXI bus answered ");
        put(responses[(r->abfsr & SCB_ABFSR_AXIMTYPE_Msk) >> SCB_ABFSR_AXIMTYPE_Pos]);
        put("\r\n");
    }
}

static void put_registers(const struct fault_record *r, const uint32_t *frame)
{
    if (frame != NULL) {
        put_hex("  r0  ", frame[0]);
        put_hex("  r1  ", frame[1]);
        put_hex("  r2  ", frame[2]);
        put_hex("  r3  ", frame[3]);
        put("\r\n");
    }
    static const char *const names[] = {"  r4  ", "  r5  ", "  r6  ", "  r7  ",
                                        "  r8  ", "  r9  ", "  r10 ", "  r11 "};
    for (unsigned i = 0; i < 8; i++) {
        put_hex(names[i], fault_r4_r11[i]);
        put(i % 4 == 3 ? "\r\n" : "");
    }
    if (frame != NULL) {
        put_hex("  r12 ", frame[4]);
        put_hex("  lr  ", r->lr);
        put_hex("  pc  ", r->pc);
        put_hex("  psr ", frame[7]);
        put("\r\n");
    } else {
        put("  no exception frame: r0-r3, r12, lr, pc and psr are unknown\r\n");
    }
    put_hex("  sp  ", r->sp);
    put_hex("  cfsr ", r->cfsr);
    put_hex("  hfsr ", r->hfsr);
    put_hex("  abfsr ", r->abfsr);
    put("\r\n");
}

__attribute__((used)) static _Noreturn void fault_report(uint32_t *frame, uint32_t exc_return)
{
    static volatile bool reporting;

    __disable_irq();
    if (reporting) {
        reset_system(); /* a fault in the report: what could be said has been said */
    }
    reporting = true;

    /* A frame that could not be stacked, or lies outside the stack, is not to be read. */
    bool frame_good = !(SCB->CFSR & (SCB_CFSR_MSTKERR_Msk | SCB_CFSR_STKERR_Msk)) &&
                      frame >= &_sstack && frame + 8 <= &_estack;
    struct fault_record r = {
        .exception = __get_IPSR(),
        .pc = frame_good ? frame[6] : 0,
        .lr = frame_good ? frame[5] : exc_return,
        .sp = (uint32_t)frame,
        .cfsr = SCB->CFSR,
        .hfsr = SCB->HFSR,
        .address = SCB->CFSR & SCB_CFSR_BFARVALID_Msk ? SCB->BFAR : SCB->MMFAR,
        .abfsr = SCB->ABFSR,
    };
    survivor.record = r;
    survivor.magic = RECORD_MAGIC;
    __DSB();

    put("\r\n");
    put(fault_name(r.exception));
    if (r.exception >= EXCEPTION_IRQ0) {
        put(" ");
        put_decimal(r.exception - EXCEPTION_IRQ0);
    }
    put("\r\n");
    put_reasons(&r);
    put_registers(&r, frame_good ? frame : NULL);
    put("resetting\r\n");

    if (CoreDebug->DHCSR & CoreDebug_DHCSR_C_DEBUGEN_Msk) {
        __BKPT(0);
    }
    reset_system();
}

__attribute__((naked)) void fault_entry(void)
{
    __asm volatile("ldr   r3, =fault_r4_r11 \n"
                   "stmia r3, {r4-r11}      \n"
                   "tst   lr, #4            \n" /* EXC_RETURN bit 2: which stack the frame is on */
                   "ite   eq                \n"
                   "mrseq r0, msp           \n"
                   "mrsne r0, psp           \n"
                   "mov   r1, lr            \n"
                   "ldr   r2, =fault_stack  \n"
                   "add   r2, %0            \n"
                   "mov   sp, r2            \n"
                   "b     fault_report      \n"
                   :
                   : "i"(FAULT_STACK_BYTES));
}
