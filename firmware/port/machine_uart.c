/* SPDX-License-Identifier: MIT */

/* The port's part of machine.UART. Included by extmod/machine_uart.c, never compiled alone. */

#include "mcu/uart.h"
#include "port/heap.h"
#include "port/machine_pin.h"
#include "port/modmachine.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/stream.h"

/* Values as in MicroPython's stm32 port: UART_HWCONTROL_... and flags of ST's library. */
enum {
    UART_RTS = 0x100,
    UART_CTS = 0x200,
    UART_INV_TX = 1,
    UART_INV_RX = 2,
    UART_IRQ_RXIDLE = 0x10,
    UART_IRQ_RX = 0x20,
    UART_IRQ_TXIDLE = 0x40,
};

#define UART_DEFAULT_BUFFER 256
#define UART_BUFFER_MAX     16384

#define MICROPY_PY_MACHINE_UART_CLASS_CONSTANTS                                                    \
    {MP_ROM_QSTR(MP_QSTR_RTS), MP_ROM_INT(UART_RTS)},                                              \
        {MP_ROM_QSTR(MP_QSTR_CTS), MP_ROM_INT(UART_CTS)},                                          \
        {MP_ROM_QSTR(MP_QSTR_INV_TX), MP_ROM_INT(UART_INV_TX)},                                    \
        {MP_ROM_QSTR(MP_QSTR_INV_RX), MP_ROM_INT(UART_INV_RX)},                                    \
        {MP_ROM_QSTR(MP_QSTR_IRQ_RX), MP_ROM_INT(UART_IRQ_RX)},                                    \
        {MP_ROM_QSTR(MP_QSTR_IRQ_RXIDLE), MP_ROM_INT(UART_IRQ_RXIDLE)},                            \
        {MP_ROM_QSTR(MP_QSTR_IRQ_TXIDLE), MP_ROM_INT(UART_IRQ_TXIDLE)},

struct uart_pin {
    const machine_pin_obj_t *pin;
    const machine_pin_af_obj_t *af;
};

#define UART_PINS 4 /* TX, RX, CTS, RTS */

struct _machine_uart_obj_t {
    mp_obj_base_t base;
    uint32_t timeout, timeout_char; /* ms */
    mp_irq_obj_t irq;
    uint16_t trigger, flags; /* UART_IRQ_... */
    struct uart_pin pins[UART_PINS];
    unsigned pin_count;
    struct uart uart;
};

/*
 * Not on the heap: an interrupt writes to them, and the heap may lie in the PSRAM, which is not
 * there at all times. So the rings come from the area for DMA. What these objects refer to is kept
 * alive by the root pointers.
 */
static machine_uart_obj_t uart_objects[UART_UNITS];

MP_REGISTER_ROOT_POINTER(void *machine_uart_rings[10][2]);
MP_REGISTER_ROOT_POINTER(mp_obj_t machine_uart_handlers[10]);

static const mp_irq_methods_t uart_irq_methods;

static unsigned unit_of(const machine_uart_obj_t *self)
{
    return (unsigned)(self - uart_objects) + 1u;
}

static bool is_open(const machine_uart_obj_t *self)
{
    return self->uart.regs != NULL;
}

static void need_open(const machine_uart_obj_t *self)
{
    if (!is_open(self)) {
        mp_raise_msg_varg(&mp_type_OSError, MP_ERROR_TEXT("UART(%u) is not initialised"),
                          unit_of(self));
    }
}

/* ---- as a terminal, os.dupterm() ---- */

/* In the interrupt: a program that does not read its input can be ended as well. */
static bool take_interrupt_char(uint16_t character, bool bad)
{
    if (bad || (int)character != mp_interrupt_char) {
        return false;
    }
    mp_sched_keyboard_interrupt();
    return true;
}

static void choose_filter(mp_obj_t stream)
{
    if (!mp_obj_is_type(stream, &machine_uart_type)) {
        return;
    }
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(stream);
    self->uart.filter = NULL;
    for (size_t n = 0; n < MICROPY_PY_OS_DUPTERM; n++) {
        if (MP_STATE_VM(dupterm_objs)[n] == stream) {
            self->uart.filter = take_interrupt_char;
        }
    }
}

/* Called by os.dupterm(). */
void mp_os_dupterm_stream_detached_attached(mp_obj_t detached, mp_obj_t attached)
{
    choose_filter(detached);
    choose_filter(attached);
}

/* ---- making ---- */

static void mp_machine_uart_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    static const char *const parities[] = {"None", "0", "1"};
    static const char *const flows[] = {"0", "RTS", "CTS", "RTS|CTS"};
    const machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    const struct uart *u = &self->uart;
    (void)kind;
    mp_printf(print, "UART(%u", unit_of(self));
    if (is_open(self)) {
        mp_printf(print, ", baudrate=%u, bits=%u, parity=%s, stop=%u, flow=%s",
                  (unsigned)uart_baud(u), u->format.data_bits, parities[u->format.parity],
                  u->format.stop_bits, flows[u->format.rts + 2 * u->format.cts]);
        mp_printf(print, ", timeout=%u, timeout_char=%u, rxbuf=%u, txbuf=%u",
                  (unsigned)self->timeout, (unsigned)self->timeout_char,
                  (unsigned)(u->rx.size >> u->wide), (unsigned)(u->tx.size >> u->wide));
        if (self->trigger != 0) {
            mp_printf(print, ", irq=0x%x", self->trigger);
        }
    }
    mp_print_str(print, ")");
}

/* The pin for a signal of the unit: the one given, or the one that the board's pins.csv calls
 * UART2_TX and the like. */
static struct uart_pin find_pin(unsigned unit, mp_obj_t given, enum machine_pin_signal signal)
{
    static const char *const names[] = {"TX", "RX", "CTS", "RTS"};
    struct uart_pin found;
    if (given != mp_const_none) {
        found.pin = machine_pin_find(given);
    } else {
        VSTR_FIXED(name, 16);
        vstr_printf(&name, "UART%u_%s", unit, names[signal]);
        found.pin = machine_pin_find_board(vstr_null_terminated_str(&name));
        if (found.pin == NULL) {
            mp_raise_msg_varg(&mp_type_ValueError,
                              MP_ERROR_TEXT("UART(%u) has no %s pin on this board"), unit,
                              names[signal]);
        }
    }
    found.af = machine_pin_find_af(found.pin, AF_FN_UART, unit, signal);
    if (found.af == NULL) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("Pin(%q) cannot be %s of UART(%u)"),
                          found.pin->name, names[signal], unit);
    }
    return found;
}

/* Off, and its pins let go unless they are something else by now. */
static void close_unit(machine_uart_obj_t *self)
{
    uart_close(&self->uart);
    for (unsigned i = 0; i < self->pin_count; i++) {
        gpio_pin_t id = self->pins[i].pin->id;
        uint32_t now = gpio_configuration(id);
        if ((now & GPIO_MODE_MASK) == MP_HAL_PIN_MODE_ALT &&
            GPIO_ALTERNATE_OF(now) == self->pins[i].af->index) {
            gpio_configure(id, GPIO_ANALOG);
        }
    }
    self->pin_count = 0;
    self->trigger = self->flags = 0;
}

/* A ring for so many characters, rounded up to a power of two. */
static struct ring new_ring(unsigned unit, unsigned which, mp_int_t characters, bool wide)
{
    if (characters < 0 || characters > UART_BUFFER_MAX) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("buffer must be 0 to %d"),
                          UART_BUFFER_MAX);
    }
    struct ring r = {.size = 16};
    while (r.size < (uint32_t)characters << wide) {
        r.size *= 2;
    }
    r.data = heap_alloc_dma(r.size);
    if (r.data == NULL) {
        m_malloc_fail(r.size);
    }
    MP_STATE_PORT(machine_uart_rings)[unit - 1u][which] = r.data;
    return r;
}

/* ms that a character takes, rounded up, and 2 more because of SysTick's resolution. */
static uint32_t character_ms(const struct uart_format *f)
{
    return 13000u / f->baud + 2u;
}

static void mp_machine_uart_init_helper(machine_uart_obj_t *self, size_t n_args,
                                        const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum {
        ARG_baudrate,
        ARG_bits,
        ARG_parity,
        ARG_stop,
        ARG_flow,
        ARG_timeout,
        ARG_timeout_char,
        ARG_rxbuf,
        ARG_txbuf,
        ARG_invert,
        ARG_tx,
        ARG_rx,
        ARG_rts,
        ARG_cts,
        ARG_read_buf_len,
    };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_baudrate, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 9600}},
        {MP_QSTR_bits, MP_ARG_INT, {.u_int = 8}},
        {MP_QSTR_parity, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_stop, MP_ARG_INT, {.u_int = 1}},
        {MP_QSTR_flow, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_timeout_char, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_rxbuf, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_txbuf, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = UART_DEFAULT_BUFFER}},
        {MP_QSTR_invert, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_tx, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_rx, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_rts, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_cts, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_read_buf_len, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = UART_DEFAULT_BUFFER}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

    unsigned unit = unit_of(self);
    mp_int_t baud = args[ARG_baudrate].u_int, bits = args[ARG_bits].u_int;
    mp_int_t flow = args[ARG_flow].u_int, invert = args[ARG_invert].u_int;
    struct uart_format format = {
        .baud = baud > 0 ? (uint32_t)baud : 0,
        .data_bits = bits >= 7 && bits <= 9 ? (uint8_t)bits : 0,
        .stop_bits = args[ARG_stop].u_int == 1 ? 1 : 2,
        .rts = flow & UART_RTS,
        .cts = flow & UART_CTS,
        .invert_tx = invert & UART_INV_TX,
        .invert_rx = invert & UART_INV_RX,
    };
    if (flow & ~(UART_RTS | UART_CTS)) {
        mp_raise_ValueError(MP_ERROR_TEXT("flow must be RTS, CTS or both"));
    }
    if (args[ARG_parity].u_obj != mp_const_none) {
        format.parity =
            mp_obj_get_int(args[ARG_parity].u_obj) & 1 ? UART_PARITY_ODD : UART_PARITY_EVEN;
    }
    mp_int_t rxbuf = args[args[ARG_rxbuf].u_int >= 0 ? ARG_rxbuf : ARG_read_buf_len].u_int;

    struct uart_pin pins[UART_PINS];
    unsigned count = 0;
    pins[count++] = find_pin(unit, args[ARG_tx].u_obj, AF_PIN_UART_TX);
    pins[count++] = find_pin(unit, args[ARG_rx].u_obj, AF_PIN_UART_RX);
    if (format.rts) {
        pins[count++] = find_pin(unit, args[ARG_rts].u_obj, AF_PIN_UART_RTS);
    }
    if (format.cts) {
        pins[count++] = find_pin(unit, args[ARG_cts].u_obj, AF_PIN_UART_CTS);
    }

    close_unit(self);
    mp_irq_init(&self->irq, &uart_irq_methods, MP_OBJ_FROM_PTR(self));
    self->uart.rx = new_ring(unit, 0, rxbuf, bits == 9);
    self->uart.tx = new_ring(unit, 1, args[ARG_txbuf].u_int, bits == 9);
    choose_filter(MP_OBJ_FROM_PTR(self));
    switch (uart_open(&self->uart, unit, &format)) {
    case UART_OK:
        break;
    case UART_ERROR_BAUD:
        mp_raise_msg_varg(&mp_type_ValueError,
                          MP_ERROR_TEXT("baudrate %d cannot be made within 5%%"), (int)baud);
    case UART_ERROR_FORMAT:
    default:
        mp_raise_ValueError(MP_ERROR_TEXT("unsupported combination of bits and parity"));
    }
    self->timeout = args[ARG_timeout].u_int > 0 ? (uint32_t)args[ARG_timeout].u_int : 0;
    self->timeout_char =
        args[ARG_timeout_char].u_int > 0 ? (uint32_t)args[ARG_timeout_char].u_int : 0;
    if (self->timeout_char < character_ms(&format)) {
        self->timeout_char = character_ms(&format);
    }
    /* A line that nobody drives is idle. */
    for (unsigned i = 0; i < count; i++) {
        bool low = i == 0 ? format.invert_tx : i == 1 && format.invert_rx;
        mp_hal_pin_config(pins[i].pin, MP_HAL_PIN_MODE_ALT,
                          low ? MP_HAL_PIN_PULL_DOWN : MP_HAL_PIN_PULL_UP, pins[i].af->index);
        self->pins[self->pin_count++] = pins[i];
    }
}

static mp_obj_t mp_machine_uart_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                                         const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    mp_int_t unit = mp_obj_get_int(args[0]);
    if (unit < 1 || !uart_exists((unsigned)unit)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("UART(%d) doesn't exist"), (int)unit);
    }
    if (unit == BOARD_CONSOLE_USART) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("UART(%d) is the console's"),
                          (int)unit);
    }
    machine_uart_obj_t *self = &uart_objects[unit - 1];
    self->base.type = type;
    if (n_args > 1 || n_kw > 0) {
        mp_map_t kw_args;
        mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
        mp_machine_uart_init_helper(self, n_args - 1, args + 1, &kw_args);
    }
    return MP_OBJ_FROM_PTR(self);
}

static void mp_machine_uart_deinit(machine_uart_obj_t *self)
{
    unsigned n = unit_of(self) - 1u;
    close_unit(self);
    MP_STATE_PORT(machine_uart_handlers)[n] = MP_OBJ_NULL;
    MP_STATE_PORT(machine_uart_rings)[n][0] = MP_STATE_PORT(machine_uart_rings)[n][1] = NULL;
}

void machine_uart_deinit_all(void)
{
    for (unsigned n = 0; n < UART_UNITS; n++) {
        mp_machine_uart_deinit(&uart_objects[n]);
    }
}

/* ---- waiting ---- */

static bool has_character(const machine_uart_obj_t *self)
{
    return uart_readable(&self->uart) != 0;
}

static bool has_room(const machine_uart_obj_t *self)
{
    return uart_writable(&self->uart) != 0;
}

static bool has_sent(const machine_uart_obj_t *self)
{
    return uart_sent(&self->uart);
}

/* For so many ms at the most, also where interrupts cannot come: there the counter of cycles, which
 * wraps after some 15 s, is the clock. */
static bool wait_until(machine_uart_obj_t *self, bool (*ready)(const machine_uart_obj_t *),
                       uint32_t ms)
{
    bool masked = __get_PRIMASK() || __get_IPSR();
    uint32_t start = masked ? ticks_cycles() : ticks_ms();
    if (masked && ms > 10000u) {
        ms = 10000u;
    }
    while (!ready(self)) {
        uint32_t passed =
            masked ? (ticks_cycles() - start) / (SystemCoreClock / 1000u) : ticks_ms() - start;
        if (passed >= ms) {
            return false;
        }
        if (masked) {
            uart_push(&self->uart);
        } else {
            mp_event_wait_ms(ms - passed);
        }
        if (!is_open(self)) {
            return false; /* closed by what ran meanwhile */
        }
    }
    return true;
}

/* ---- reading and writing ---- */

static mp_int_t mp_machine_uart_any(machine_uart_obj_t *self)
{
    return is_open(self) ? (mp_int_t)uart_readable(&self->uart) : 0;
}

static bool mp_machine_uart_txdone(machine_uart_obj_t *self)
{
    return !is_open(self) || uart_sent(&self->uart);
}

static void mp_machine_uart_sendbreak(machine_uart_obj_t *self)
{
    need_open(self);
    uart_send_break(&self->uart);
}

static mp_int_t mp_machine_uart_readchar(machine_uart_obj_t *self)
{
    need_open(self);
    return wait_until(self, has_character, self->timeout) ? uart_read(&self->uart) : -1;
}

/* How long the ring may be full: for as long as the user said, and two characters. With CTS the
 * other end decides. */
static uint32_t room_ms(const machine_uart_obj_t *self)
{
    uint32_t two = 2u * character_ms(&self->uart.format);
    uint32_t least = self->uart.format.cts && self->timeout_char > two ? self->timeout_char : two;
    return self->timeout > least ? self->timeout : least;
}

static void mp_machine_uart_writechar(machine_uart_obj_t *self, uint16_t data)
{
    need_open(self);
    if (!wait_until(self, has_room, room_ms(self))) {
        mp_raise_OSError(MP_ETIMEDOUT);
    }
    (void)uart_write(&self->uart, data & self->uart.data_mask);
}

static mp_uint_t mp_machine_uart_read(mp_obj_t self_in, void *buf_in, mp_uint_t size, int *errcode)
{
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    uint8_t *buf = buf_in;
    need_open(self);
    unsigned wide = self->uart.wide;
    if (size & wide) {
        *errcode = MP_EIO;
        return MP_STREAM_ERROR;
    }
    mp_uint_t done = 0;
    while (done < size &&
           wait_until(self, has_character, done == 0 ? self->timeout : self->timeout_char)) {
        int character = uart_read(&self->uart);
        buf[done++] = (uint8_t)character;
        if (wide) {
            buf[done++] = (uint8_t)(character >> 8);
        }
    }
    if (done == 0 && size != 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return done;
}

static mp_uint_t mp_machine_uart_write(mp_obj_t self_in, const void *buf_in, mp_uint_t size,
                                       int *errcode)
{
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    const uint8_t *buf = buf_in;
    need_open(self);
    unsigned wide = self->uart.wide;
    if (size & wide) {
        *errcode = MP_EIO;
        return MP_STREAM_ERROR;
    }
    mp_uint_t done = 0;
    while (done < size && wait_until(self, has_room, room_ms(self))) {
        uint16_t character = buf[done];
        if (wide) {
            character |= (uint16_t)(buf[done + 1u] << 8);
        }
        (void)uart_write(&self->uart, character & self->uart.data_mask);
        done += 1u + wide;
    }
    if (done == 0 && size != 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return done;
}

static mp_uint_t mp_machine_uart_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg,
                                       int *errcode)
{
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (request == MP_STREAM_POLL) {
        mp_uint_t ready = 0;
        if (arg & MP_STREAM_POLL_RD && mp_machine_uart_any(self) != 0) {
            ready |= MP_STREAM_POLL_RD;
        }
        if (arg & MP_STREAM_POLL_WR && is_open(self) && has_room(self)) {
            ready |= MP_STREAM_POLL_WR;
        }
        return ready;
    }
    if (request == MP_STREAM_FLUSH) {
        /* The FIFO's 16 characters, and the one on its way. */
        uint32_t characters = ring_used(&self->uart.tx) + 17u;
        if (!is_open(self) ||
            wait_until(self, has_sent,
                       room_ms(self) + characters * 13000u / self->uart.format.baud)) {
            return 0;
        }
        *errcode = MP_ETIMEDOUT;
        return MP_STREAM_ERROR;
    }
    *errcode = MP_EINVAL;
    return MP_STREAM_ERROR;
}

/* ---- interrupts ---- */

static const struct {
    uint16_t python;
    uint16_t mcu;
} uart_events[] = {
    {UART_IRQ_RX, UART_EVENT_RX},
    {UART_IRQ_RXIDLE, UART_EVENT_IDLE},
    {UART_IRQ_TXIDLE, UART_EVENT_SENT},
};

static void event_came(struct uart *u, unsigned events)
{
    machine_uart_obj_t *self =
        (machine_uart_obj_t *)((uint8_t *)u - offsetof(machine_uart_obj_t, uart));
    self->flags = 0;
    for (size_t i = 0; i < MP_ARRAY_SIZE(uart_events); i++) {
        if (events & uart_events[i].mcu) {
            self->flags |= uart_events[i].python;
        }
    }
    mp_irq_handler(&self->irq);
}

static mp_uint_t uart_irq_trigger(mp_obj_t self_in, mp_uint_t trigger)
{
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    unsigned events = 0;
    self->trigger = (uint16_t)trigger;
    for (size_t i = 0; i < MP_ARRAY_SIZE(uart_events); i++) {
        if (trigger & uart_events[i].python) {
            events |= uart_events[i].mcu;
        }
    }
    if (is_open(self)) {
        uart_report(&self->uart, events, event_came);
    }
    return 0;
}

static mp_uint_t uart_irq_info(mp_obj_t self_in, mp_uint_t what)
{
    const machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return what == MP_IRQ_INFO_FLAGS ? self->flags : self->trigger;
}

static const mp_irq_methods_t uart_irq_methods = {.trigger = uart_irq_trigger,
                                                  .info = uart_irq_info};

static mp_irq_obj_t *mp_machine_uart_irq(machine_uart_obj_t *self, bool any_args,
                                         mp_arg_val_t *args)
{
    need_open(self);
    if (any_args) {
        mp_obj_t handler = args[MP_IRQ_ARG_INIT_handler].u_obj;
        mp_int_t trigger = args[MP_IRQ_ARG_INIT_trigger].u_int;
        if (handler != mp_const_none && !mp_obj_is_callable(handler)) {
            mp_raise_ValueError(MP_ERROR_TEXT("handler must be None or callable"));
        }
        mp_int_t unknown = trigger & ~(UART_IRQ_RX | UART_IRQ_RXIDLE | UART_IRQ_TXIDLE);
        if (unknown) {
            mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("trigger 0x%08x unsupported"),
                              (unsigned)unknown);
        }
        uart_irq_trigger(MP_OBJ_FROM_PTR(self), 0);
        self->irq.handler = handler;
        MP_STATE_PORT(machine_uart_handlers)[unit_of(self) - 1u] = handler;
        self->irq.ishard = args[MP_IRQ_ARG_INIT_hard].u_bool;
        uart_irq_trigger(MP_OBJ_FROM_PTR(self), handler != mp_const_none ? (mp_uint_t)trigger : 0);
    }
    return &self->irq;
}
