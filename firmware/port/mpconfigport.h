/* SPDX-License-Identifier: MIT */

/*
 * What MicroPython is built with. py/mpconfig.h explains the options; a comment here says why a
 * value differs from what the feature level gives.
 */
#include <stdint.h>

#include "mpconfigboard.h"

/* ---- what mpconfigboard.h may leave out ---- */

/* The chip soldered to the board, a name of spiram_chip.c, and a limit of the board's own for its
 * clock. NULL: any chip, with the hardest of each number; 0: no limit. */
#ifndef BOARD_SPIRAM_CHIP
#define BOARD_SPIRAM_CHIP NULL
#endif
#ifndef BOARD_SPIRAM_MAX_HZ
#define BOARD_SPIRAM_MAX_HZ 0
#endif
/* Values in port/psram.h. */
#ifndef BOARD_SPIRAM_PROFILE
#define BOARD_SPIRAM_PROFILE SPIRAM_PROFILE_DATASHEET
#endif
/* Each cell tested at each start, in place of each line and each page of 1 KB. */
#ifndef BOARD_SPIRAM_FULL_TEST
#define BOARD_SPIRAM_FULL_TEST false
#endif
/* Where the Python heap lies until spiram.heap() says otherwise; values in port/heap.h. */
#ifndef BOARD_HEAP_POLICY
#define BOARD_HEAP_POLICY HEAP_SPLIT
#endif
/* AXI SRAM kept for spiram.dma_buffer(), a multiple of 32. */
#ifndef BOARD_HEAP_DMA_BYTES
#define BOARD_HEAP_DMA_BYTES 32768u
#endif

/* What a PC sees as a drive, until boot.py chooses by stm32.usb_mode(): MEDIUM_NONE, MEDIUM_FLASH,
 * MEDIUM_SDCARD (port/medium.h). */
#ifndef BOARD_USB_MEDIUM
#define BOARD_USB_MEDIUM MEDIUM_NONE
#endif

/* ---- MicroPython ---- */

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_FULL_FEATURES)

/* The heap: 8 MB are 524,284 blocks, too many for a 16-bit block number on the collector's stack.
 */
#define MICROPY_ENABLE_GC           (1)
#define MICROPY_GC_STACK_ENTRY_TYPE uint32_t
/* In DTCM, as all static data, with as many pointers to areas. When it overflows, the whole heap is
 * scanned again. */
#define MICROPY_ALLOC_GC_STACK_SIZE (1024)
/* For measuring: the heap as py/gc.c makes it by itself, one area with its tables inside. */
#ifndef BOARD_HEAP_PLAIN
#define BOARD_HEAP_PLAIN 0
#endif
/* For tests: spiram.fail_allocation(). */
#ifndef BOARD_HEAP_FAILS
#define BOARD_HEAP_FAILS 0
#endif
#define MICROPY_GC_SPLIT_HEAP  (!BOARD_HEAP_PLAIN)
#define MICROPY_ALLOC_PATH_MAX (256)

/* Compiler and emitters. */
#define MICROPY_PERSISTENT_CODE_LOAD     (1)
#define MICROPY_EMIT_THUMB               (1)
#define MICROPY_EMIT_INLINE_THUMB        (1)
#define MICROPY_OPT_COMPUTED_GOTO        (1)
#define MICROPY_MAKE_POINTER_CALLABLE(p) ((void *)((mp_uint_t)(p) | 1))

/* Numbers: the FPU has double precision. */
#define MICROPY_FLOAT_IMPL   (MICROPY_FLOAT_IMPL_DOUBLE)
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
/* lib/libm_dbl has no log2(). */
#define MP_NEED_LOG2 (1)

/* Robustness. Error numbers are MicroPython's (Linux's), as on its other ports: ETIMEDOUT is 110,
 * not newlib's 116. */
#define MICROPY_USE_INTERNAL_ERRNO             (1)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
#define MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE   (0)
/* Room below the limit for C code that does not check, and for interrupts, which use the same
 * stack. */
#define MICROPY_STACK_CHECK_MARGIN     (4096)
#define MICROPY_SCHEDULER_DEPTH        (8)
#define MICROPY_SCHEDULER_STATIC_NODES (1)

/* Numbers of errors as in MicroPython's documents; newlib's differ (ETIMEDOUT). */
#define MICROPY_USE_INTERNAL_ERRNO (1)

/* Files. FAT with names of any length, their buffer static; several partitions of a card. */
#define MICROPY_VFS                   (1)
#define MICROPY_READER_VFS            (1)
#define MICROPY_FATFS_ENABLE_LFN      (1)
#define MICROPY_FATFS_LFN_CODE_PAGE   437
#define MICROPY_FATFS_USE_LABEL       (1)
#define MICROPY_FATFS_RPATH           (2)
#define MICROPY_FATFS_MULTI_PARTITION (1)
#define MICROPY_FATFS_MAX_SS          (4096)

/* sys, os, time, random, re. */
#define MICROPY_PY_SYS_EXC_INFO            (1)
#define MICROPY_PY_SYS_ATEXIT              (1) /* called at a soft reset, see main.c */
#define MICROPY_PY_RE_MATCH_GROUPS         (1)
#define MICROPY_PY_RE_MATCH_SPAN_START_END (1)
#define MICROPY_PY_SYS_PLATFORM            "stm32"
#define MICROPY_BANNER_MACHINE             MICROPY_HW_BOARD_NAME " with " MICROPY_HW_MCU_NAME
#define MICROPY_PY_BUILTINS_HELP_TEXT      port_help_text
#define MICROPY_PY_OS_INCLUDEFILE          "port/modos.c"
#define MICROPY_PY_OS_UNAME                (1)
#define MICROPY_PY_OS_URANDOM              (1)
#define MICROPY_PY_OS_DUPTERM              (2)
/* A UART looks for Ctrl-C by itself, see machine_uart.c. */
#define MICROPY_PY_OS_DUPTERM_STREAM_DETACHED_ATTACHED (1)
#define MICROPY_PY_RANDOM_SEED_INIT_FUNC               (mp_hal_random_seed())
/* Seconds count from 2000, as in MicroPython's stm32 port. */
#define MICROPY_EPOCH_IS_1970                   (0)
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS            (1)
#define MICROPY_PY_TIME_INCLUDEFILE             "port/modtime.c"

/* machine. Classes for pins and peripherals are added one by one, each with its own option. */
#define MICROPY_PY_MACHINE                         (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE             "port/modmachine.c"
#define MICROPY_PY_MACHINE_RESET                   (1)
#define MICROPY_PY_MACHINE_BOOTLOADER              (1)
#define MICROPY_PY_MACHINE_BARE_METAL_FUNCS        (1)
#define MICROPY_PY_MACHINE_DISABLE_IRQ_ENABLE_IRQ  (1)
#define MICROPY_PY_MACHINE_PIN_MAKE_NEW            mp_pin_make_new
#define MICROPY_PY_MACHINE_BITSTREAM               (1)
#define MICROPY_PY_MACHINE_PULSE                   (1)
#define MICROPY_PY_MACHINE_SOFTI2C                 (1)
#define MICROPY_PY_MACHINE_SOFTSPI                 (1)
#define MICROPY_PY_MACHINE_I2C                     (1)
#define MICROPY_PY_MACHINE_SPI                     (1)
#define MICROPY_PY_MACHINE_ADC                     (1)
#define MICROPY_PY_MACHINE_ADC_INCLUDEFILE         "port/machine_adc.c"
#define MICROPY_PY_MACHINE_UART                    (1)
#define MICROPY_PY_MACHINE_UART_INCLUDEFILE        "port/machine_uart.c"
#define MICROPY_PY_MACHINE_UART_SENDBREAK          (1)
#define MICROPY_PY_MACHINE_UART_READCHAR_WRITECHAR (1)
#define MICROPY_PY_MACHINE_UART_IRQ                (1)
#define MICROPY_PY_ONEWIRE                         (1)
#define MICROPY_PY_MACHINE_PWM                     (1)
#define MICROPY_PY_MACHINE_PWM_INCLUDEFILE         "port/machine_pwm.c"
#define MICROPY_PY_MACHINE_WDT                     (1)
#define MICROPY_PY_MACHINE_WDT_INCLUDEFILE         "port/machine_wdt.c"
#define MICROPY_PY_MACHINE_TIMER                   (1)

/* stm.GPIOA and the like are numbers at compile time, which inline assembler needs. */
#define MICROPY_PORT_CONSTANTS                                                                     \
    {MP_ROM_QSTR(MP_QSTR_machine), MP_ROM_PTR(&mp_module_machine)},                                \
        {MP_ROM_QSTR(MP_QSTR_stm), MP_ROM_PTR(&stm_module)},
extern const struct _mp_obj_module_t stm_module;

/* USB: shared/tinyusb with our own console (usb_cdc.c). VID and PIDs are those of MicroPython's
 * stm32 port for a device with a serial port only, and with mass storage, so that tools know the
 * board as one of its family. */
#define MICROPY_HW_ENABLE_USBDEV                (1)
#define MICROPY_HW_ENABLE_USB_RUNTIME_DEVICE    (1)
#define MICROPY_HW_USB_CDC                      (1)
#define MICROPY_HW_USB_CDC_1200BPS_TOUCH        (0)
#define MICROPY_EXCLUDE_SHARED_TINYUSB_USBD_CDC (1)
#define MICROPY_HW_USB_VID                      (0xf055)
#define MICROPY_HW_USB_PID                      (0x9802)
#define MICROPY_HW_USB_PID_CDC_MSC              (0x9800)
#define MICROPY_HW_USB_PRODUCT_FS_STRING        MICROPY_HW_BOARD_NAME
#define MICROPY_HW_USB_CDC_INTERFACE_STRING     "MicroPython REPL"
/* WFI ends with any interrupt. */
#define mp_hal_wake_main_task_from_isr()

#define MP_STATE_PORT MP_STATE_VM
#define MP_SSIZE_MAX  (0x7fffffff)
typedef int32_t mp_int_t;
typedef uint32_t mp_uint_t;
typedef long mp_off_t;

#include <alloca.h>

/* Called while waiting: sleep until an interrupt. SysTick ends it after a millisecond at the
 * latest. */
#define MICROPY_INTERNAL_WFE(timeout_ms) mp_hal_wait_for_interrupt()

uint32_t mp_hal_random_seed(void);
