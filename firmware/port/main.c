/* SPDX-License-Identifier: MIT */

#include "bootlog.h"
#include "calendar.h"
#include "files.h"
#include "heap.h"
#include "machine_pin.h"
#include "machine_pwm.h"
#include "machine_rtc.h"
#include "mcu/bootloader.h"
#include "mcu/clock.h"
#include "mcu/fault.h"
#include "mcu/gpio.h"
#include "mcu/mpu.h"
#include "mcu/reset.h"
#include "mcu/syscfg.h"
#include "mcu/usart.h"
#include "modmachine.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "rtc_alarms.h"
#include "shared/readline/readline.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/softtimer.h"
#include "shared/runtime/pyexec.h"
#include "soft_timers.h"
#include "usb.h"

extern uint8_t _sstack, _estack;

static const struct clock_config clock_config = {
    .hse_hz = BOARD_HSE_HZ,
    .hse_bypass = BOARD_HSE_BYPASS,
    .supply = BOARD_POWER_SUPPLY,
};

static const struct usart_config console_config = {
    .number = BOARD_CONSOLE_USART,
    .tx = BOARD_CONSOLE_TX,
    .rx = BOARD_CONSOLE_RX,
    .alternate = BOARD_CONSOLE_AF,
    .baud = BOARD_CONSOLE_BAUD,
};

static void log_previous_fault(void)
{
    const struct fault_record *f = fault_previous();
    if (f != NULL) {
        bootlog_printf("fault: the last run ended with %s %u at pc 0x%08x lr 0x%08x cfsr 0x%08x\n",
                       fault_name(f->exception), (unsigned)f->exception, (unsigned)f->pc,
                       (unsigned)f->lr, (unsigned)f->cfsr);
    }
}

/* docs/firmware.md, "Boot sequence", says why in this order. */
static void board_start(void)
{
    ticks_cycles_enable();
    if (bootloader_requested() == BOOTLOADER_ROM) {
        bootloader_start_rom();
    }
    reset_init();
    fault_init();
    mpu_init();
    cache_enable();

    enum clock_status clock = clock_init(&clock_config);
    bool compensated = syscfg_io_compensation_enable();
    /* From here on a fault is reported on the console. */
    (void)usart_init(&console_config);
    ticks_init();

    log_previous_fault();
    if (clock != CLOCK_OK) {
        bootlog_printf("%s\n", clock_status_text(clock));
    }
    if (!compensated) {
        bootlog_printf("I/O compensation cell is not ready, pins keep their untrimmed slew\n");
    }
    calendar_start();
    rtc_alarms_start();
    soft_timers_start();
}

/* With the board's button held at reset its files are left alone: a way back from a boot.py or
   main.py that never ends or resets the board. */
static bool safe_mode(void)
{
#ifdef BOARD_SAFE_BUTTON
    gpio_configure(BOARD_SAFE_BUTTON, GPIO_INPUT | BOARD_SAFE_BUTTON_PULL);
    ticks_delay_us(1000); /* for the pull to charge what hangs on the pin */
    return gpio_read(BOARD_SAFE_BUTTON) == BOARD_SAFE_BUTTON_PRESSED;
#else
    return false;
#endif
}

/* boot.py and main.py, where a file system has them. True if one of them asked for a soft reset. */
static bool run_scripts(void)
{
    if (safe_mode()) {
        mp_printf(MP_PYTHON_PRINTER, "MPY: safe mode, boot.py and main.py are not run\n");
        usb_start();
        return false;
    }
    int result = pyexec_file_if_exists("boot.py");
    usb_start();
    if (result & PYEXEC_FORCED_EXIT) {
        return true;
    }
    /* In raw REPL mode a tool is in charge, and after an error in boot.py main.py may not be safe.
     */
    if (pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL && result != 0) {
        result = pyexec_file_if_exists("main.py");
    }
    return result & PYEXEC_FORCED_EXIT;
}

/*
 * Calls a function with exceptions that it lets out printed, or swallowed if even that raises: an
 * exception's own __str__() may. What it returns, or 0.
 */
static int call_protected(int (*function)(void))
{
    int result = 0;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        result = function();
        nlr_pop();
        return result;
    }
    void *raised = nlr.ret_val;
    mp_hal_set_interrupt_char(-1);
    mp_handle_pending(false);
    if (nlr_push(&nlr) == 0) {
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(raised));
        nlr_pop();
    }
    return 0;
}

static int repl_once(void)
{
    return pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
}

/* The function that sys.atexit() was given. */
static int run_atexit(void)
{
    mp_hal_set_interrupt_char(CHAR_CTRL_C);
    mp_call_function_0(MP_STATE_VM(sys_exitfunc));
    mp_hal_set_interrupt_char(-1);
    mp_handle_pending(true);
    return 0;
}

int main(void)
{
    board_start();
    heap_init();
    mp_hal_console_init();
    machine_pin_init();
    bootlog_print();

    for (;;) {
        mp_cstack_init_with_top(&_estack, (size_t)(&_estack - &_sstack));
        heap_start();
        mp_init();
        readline_init0();
        files_start();

        if (!run_scripts()) {
            while (call_protected(repl_once) == 0) {
            }
        }
        if (MP_STATE_VM(sys_exitfunc) != mp_const_none) {
            call_protected(run_atexit);
        }

        mp_printf(MP_PYTHON_PRINTER, "MPY: soft reboot\n");
        machine_note_soft_reset();
        machine_pin_deinit();
        machine_pwm_deinit_all();
        machine_rtc_deinit();
        soft_timer_deinit();
        /* What heap_start() has to say must not go to an object that is no more. */
        for (size_t n = 0; n < MICROPY_PY_OS_DUPTERM; n++) {
            MP_STATE_VM(dupterm_objs)[n] = MP_OBJ_NULL;
        }
        machine_uart_deinit_all();
        usb_stop();
        gc_sweep_all();
        mp_deinit();
    }
}

void gc_collect(void)
{
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    soft_timer_gc_mark_all();
    gc_collect_end();
}

/* An exception with no handler at all: the interpreter's state is not to be trusted any more. */
void nlr_jump_fail(void *val)
{
    (void)val;
    usart_panic_write("\r\nuncaught exception in the runtime, resetting\r\n");
    reset_system();
}
