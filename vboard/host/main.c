/*
 * vboard: firmware for the STM32H7A3 on a virtual board. Joins what the command line names and runs
 * it until somebody or something ends it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../soc/octospi.h"
#include "../trace/vcd.h"
#include "attach.h"
#include "board.h"
#include "console.h"
#include "flash_file.h"
#include "gdb.h"
#include "image.h"
#include "inject.h"
#include "log.h"
#include "options.h"
#include "power_cut.h"
#include "repl.h"
#include "stats.h"
#include "usb_serial.h"
#include "usbip.h"

/* Virtual time between two looks at console and REPL. */
#define SLICE VTIME_MS
/* A person's input goes to the board a little at a time, so that Ctrl-C overtakes a long paste. */
enum { INPUT_CHUNK = 64 };
/* If the PC is this late it does not try to catch up. */
enum { LATE_MS = 100 };
/* Time for the board to answer the last thing that is done to it, before the end of input counts.
 */
#define AFTERMATH VTIME_S
/* In a slice with fewer instructions the board is at rest: those of a tick, and of a loop that
   looks and sleeps again; a core at work does from 20,000 (PSRAM at 1 MHz) to 500,000. */
enum { REST_INSTRUCTIONS = 10000 };

struct session {
    struct options options;
    struct board *board;
    struct console *console;
    struct usb_serial *usb; /* both NULL: nothing is plugged in */
    struct usbip *usbip;
    struct repl *repl; /* NULL: a person, or nobody, at the terminal */
    uint8_t *script;
    size_t script_size;
    struct inject *inject;
    struct power_cuts *power_cuts;
    struct attached *attached;
    struct button_press presses[MAX_PRESSES];
    struct log *log;
    struct vcd *vcd;
    struct gdb *gdb;
    struct stats_clock clock;
    bool heard;   /* a byte from the board in this slice */
    bool refused; /* a complaint under --strict */
};

static void received(void *ctx, uint8_t byte, vtime at)
{
    struct session *s = ctx;

    s->heard = true;
    if (s->repl != NULL)
        repl_received(s->repl, byte, at);
    else
        console_write(s->console, byte);
}

static void was_reset(void *ctx, enum soc_reset_kind kind)
{
    struct session *s = ctx;

    if (kind == SOC_RESET_POWER_ON)
        board_power_on(s->board);
    if (s->repl != NULL)
        repl_board_reset(s->repl, sched_now(s->board->soc->sched));
}

static void complained(void *ctx, const struct complaint *what)
{
    struct session *s = ctx;

    int which = what->kind == HAZARD ? hazard_find(what->name) : -1;

    if (what->kind == UNIMPLEMENTED || s->refused || (which >= 0 && s->options.waived[which]))
        return;
    s->refused = true;
    console_flush(s->console);
    fprintf(stderr, "vboard: %s '%s' at %.9f s, pc 0x%08x: %s\n", stats_class_name(what->kind),
            what->name, stats_seconds(what->at), (unsigned)what->pc, what->text);
    cpu_request_stop(s->board->soc->cpu);
}

/* ---- setting up: each returns -1 to go on, or the exit status ----------------------------------
 */

static int read_script(struct session *s)
{
    char error[256];

    if (s->options.script == NULL)
        return -1;
    s->script = image_read_file(s->options.script, &s->script_size, error, sizeof(error));
    return s->script != NULL ? -1 : usage_error("%s", error);
}

static int set_up_faults(struct session *s)
{
    const struct options *o = &s->options;
    char error[256];

    s->inject = inject_new(s->board, o->faults, o->fault_count, o->seed, error, sizeof(error));
    return s->inject != NULL ? -1 : usage_error("%s", error);
}

static int set_up_buttons(struct session *s)
{
    for (unsigned i = 0; i < s->options.press_count; i++) {
        const struct press *p = &s->options.presses[i];
        struct button *button = board_button(s->board, p->button);

        if (button == NULL)
            return usage_error("no button '%s' on this board; there are: %s", p->button,
                               board_button_names(s->board));
        button_schedule(&s->presses[i], s->board->soc->sched, button, p->from, p->to);
    }
    return -1;
}

static int set_up_wires(struct session *s)
{
    for (unsigned i = 0; i < s->options.wire_count; i++)
        if (!board_wire(s->board, s->options.wires[i].one, s->options.wires[i].other))
            return usage_error("out of memory");
    return -1;
}

static int set_up_parts(struct session *s)
{
    char error[256];

    s->attached =
        attach_new(s->board, s->options.attach, s->options.attach_count, error, sizeof(error));
    return s->attached != NULL ? -1 : usage_error("%s", error);
}

static void set_up_hazards(struct session *s)
{
    struct complaints *c = s->board->soc->complaints;

    hazards_seed(c, s->options.seed);
    if (s->options.worst_case)
        hazards_worst_case(c);
    for (int i = 0; i < HAZARDS; i++)
        if (s->options.hazard_given[i])
            hazard_set(c, i, s->options.hazard[i]);
    octospi_set_partial(s->board->soc, s->options.partial);
}

/* When the last thing happens to the board that the command line names, and a little later. */
static vtime last_event(const struct options *o)
{
    vtime last = 0;

    for (unsigned i = 0; i < o->press_count; i++)
        last = o->presses[i].to > last ? o->presses[i].to : last;
    for (unsigned i = 0; i < o->power_cut_count; i++)
        if (o->power_cuts[i].operation == 0 && o->power_cuts[i].at > last)
            last = o->power_cuts[i].at;
    if (o->sd_out.button != NULL) {
        vtime moved = o->sd_out.to != VTIME_NEVER ? o->sd_out.to : o->sd_out.from;

        last = moved > last ? moved : last;
    }
    return last == 0 ? 0 : last + AFTERMATH;
}

static int load(struct session *s)
{
    char error[256];
    struct image image;
    int status = -1;

    if (image_load(&image, s->options.firmware, error, sizeof(error)) != 0)
        return usage_error("%s", error);
    for (unsigned i = 0; status == -1 && i < image.count; i++) {
        const struct image_piece *p = &image.pieces[i];

        if (soc_load(s->board->soc, p->addr, p->bytes, p->size) != 0)
            status = usage_error("%s: there is no memory for %u bytes at 0x%08x",
                                 s->options.firmware, (unsigned)p->size, (unsigned)p->addr);
    }
    image_free(&image);
    return status;
}

static int set_up(struct session *s)
{
    const struct options *o = &s->options;
    char error[256];
    int status;

    s->board = board_new(&(struct board_config){.board = o->board,
                                                .psram = o->psram,
                                                .seed = o->seed,
                                                .boot0 = o->boot0,
                                                .no_lse = o->no_lse,
                                                .long_wires = o->long_wires,
                                                .baud = o->baud,
                                                .received = received,
                                                .ctx = s});
    if (s->board == NULL)
        return usage_error("out of memory");
    s->power_cuts = power_cuts_new(s->board, o->power_cuts, o->power_cut_count, o->seed);
    if (s->power_cuts == NULL)
        return usage_error("out of memory");
    set_up_hazards(s);
    if (o->flash != NULL &&
        flash_file_load(o->flash, s->board->soc->flash_cells, error, sizeof(error)) != 0)
        return usage_error("%s", error);
    soc_flash_changed(s->board->soc);
    if (o->sd != NULL &&
        board_insert_card(s->board, o->sd, o->sd_size, o->sd_v1, error, sizeof(error)) != 0)
        return usage_error("%s", error);
    if (o->sd_out.button != NULL) {
        if (o->sd == NULL)
            return usage_error("--sd-out without a card (--sd)");
        board_pull_card(s->board, o->sd_out.from, o->sd_out.to);
    }
    if ((status = load(s)) != -1 || (status = read_script(s)) != -1 ||
        (status = set_up_faults(s)) != -1 || (status = set_up_buttons(s)) != -1 ||
        (status = set_up_wires(s)) != -1 || (status = set_up_parts(s)) != -1)
        return status;
    s->console = console_open(o->uart, "uart", error, sizeof(error));
    if (s->console == NULL)
        return usage_error("%s", error);
    if (strcmp(o->usb, "none") != 0) {
        s->usb = usb_serial_new(s->board->soc->sched, soc_usb(s->board->soc), o->usb, error,
                                sizeof(error));
        if (s->usb == NULL)
            return usage_error("%s", error);
    }
    if (o->usbip != NULL) {
        s->usbip =
            usbip_new(s->board->soc->sched, soc_usb(s->board->soc), o->usbip, error, sizeof(error));
        if (s->usbip == NULL)
            return usage_error("%s", error);
    }
    bool feeds = !console_is_live(s->console) && strcmp(o->uart, "none") != 0;

    if (s->script != NULL)
        s->repl = repl_new_script(s->board->terminal, s->console, s->script, s->script_size);
    else if (feeds)
        s->repl =
            repl_new_feed(s->board->terminal, s->console, o->limit != VTIME_NEVER, last_event(o));
    if (o->vcd != NULL) {
        s->vcd = vcd_new(o->vcd, s->board->bus, o->vcd_from, o->vcd_to, error, sizeof(error));
        if (s->vcd == NULL)
            return usage_error("%s", error);
        for (unsigned i = 0; i < o->vcd_pin_count; i++)
            vcd_add_net(s->vcd, s->board->soc->pin[o->vcd_pins[i]], s->board->soc->sched);
    }
    if (o->trace != 0)
        s->log = log_new(s->board, o->trace, stderr);
    if (((s->script != NULL || feeds) && s->repl == NULL) || (o->trace != 0 && s->log == NULL))
        return usage_error("out of memory");
    if (o->strict)
        complaints_listen(s->board->soc->complaints, complained, s);
    soc_boot(s->board->soc);
    if (o->gdb != NULL && o->trace & TRACE_CPU)
        return usage_error("--gdb and --trace cpu both step the core; one of them");
    if (o->gdb != NULL) {
        s->gdb = gdb_new(o->gdb, s->board->soc, error, sizeof(error));
        if (s->gdb == NULL)
            return usage_error("%s", error);
    }
    s->board->soc->on_reset = was_reset;
    s->board->soc->on_reset_ctx = s;
    return -1;
}

static void tear_down(struct session *s)
{
    repl_free(s->repl);
    console_close(s->console);
    usb_serial_free(s->usb);
    usbip_free(s->usbip);
    log_free(s->log);
    gdb_free(s->gdb);
    attach_free(s->attached);
    board_free(s->board);
    inject_free(s->inject);
    power_cuts_free(s->power_cuts);
    free(s->script);
}

/* ---- running ---- */

static int locked_up(struct session *s)
{
    static const char *const names[] = {"r0", "r1",  "r2",  "r3",  "r4", "r5", "r6", "r7",  "r8",
                                        "r9", "r10", "r11", "r12", "sp", "lr", "pc", "xpsr"};
    struct cpu *cpu = s->board->soc->cpu;
    char text[256];

    console_flush(s->console);
    cpu_explain(cpu, text, sizeof(text));
    fprintf(stderr, "vboard: %s\n", text);
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        fprintf(stderr, "  %-4s 0x%08x%s", names[i], (unsigned)cpu_get(cpu, i),
                i % 4 == 3 || i == CPU_XPSR ? "\n" : "");
    return EXIT_STOPPED;
}

/* Somebody left. A script, or input, that is not at its end then was not run. */
static int left(struct session *s)
{
    int number = console_signal(s->console);

    if (s->repl == NULL || number == 0)
        return EXIT_RAN;
    if (number != SIGPIPE)
        fprintf(stderr, "vboard: %s\n", strsignal(number));
    return 128 + number;
}

/* Input of a person, or of a program at the other end of a pty or socket. */
static void forward_input(struct session *s)
{
    uint8_t bytes[INPUT_CHUNK];
    size_t n;

    if (s->repl != NULL || terminal_queued(s->board->terminal) >= INPUT_CHUNK)
        return;
    n = console_read(s->console, bytes, sizeof(bytes));
    if (n != 0 && terminal_send(s->board->terminal, bytes, n) != 0)
        fputs("vboard: out of memory, input lost\n", stderr);
}

/* Whether nothing went on in the slice that is over: neither the core worked nor the terminal's
   line. Then the board waits, for time to pass or for us; which of both, nobody can tell. */
static bool at_rest(struct session *s, uint64_t instructions)
{
    return instructions < REST_INSTRUCTIONS && !s->heard &&
           terminal_queued(s->board->terminal) == 0;
}

/* Waits until somebody has something for us, at the longest for so many milliseconds. */
static void wait_outside(struct session *s, int milliseconds)
{
    struct pollfd fds[2 + USBIP_DESCRIPTORS];
    nfds_t count = 2;

    fds[0] = (struct pollfd){.fd = console_descriptor(s->console), .events = POLLIN};
    fds[1] = (struct pollfd){.fd = -1, .events = POLLIN};
    if (s->usb != NULL)
        fds[1].fd = console_descriptor(usb_serial_console(s->usb));
    if (s->usbip != NULL) {
        usbip_descriptors(s->usbip, fds + count);
        count += USBIP_DESCRIPTORS;
    }
    poll(fds, count, milliseconds);
}

/* Keeps virtual time from running ahead of the PC's clock while somebody takes part; with --pace
   free only that of a board at rest. */
static void keep_pace(struct session *s, uint64_t *start_ms, bool rest)
{
    uint64_t virtual_ms = sched_now(s->board->soc->sched) / VTIME_MS;
    uint64_t due = *start_ms + virtual_ms;
    uint64_t now = console_clock_ms();

    bool ahead = now < due;

    if ((s->options.pace == PACE_FREE && !rest) || (!ahead && now - due > LATE_MS))
        *start_ms = now - virtual_ms;
    else if (ahead)
        wait_outside(s, (int)(due - now));
}

static int run(struct session *s)
{
    struct soc *soc = s->board->soc;
    bool live =
        s->script == NULL && (console_is_live(s->console) ||
                              (s->usb != NULL && console_is_live(usb_serial_console(s->usb))));
    uint64_t start_ms = console_clock_ms();
    enum cpu_stop stop = CPU_TIME;

    for (;;) {
        vtime now = sched_now(soc->sched);
        vtime until = now + SLICE;
        uint64_t instructions = cpu_instructions(soc->cpu);
        uint64_t cycles = cpu_cycles(soc->cpu), slept = cpu_slept(soc->cpu);

        if (s->gdb != NULL && !gdb_may_run(s->gdb, stop)) {
            stop = CPU_TIME;
            if (console_left(s->console))
                return left(s);
            continue;
        }
        if (until > s->options.limit)
            until = s->options.limit;
        s->heard = false;
        stop = soc_run(soc, until);
        now = sched_now(soc->sched);
        if (s->refused)
            return EXIT_STOPPED;
        if (stop == CPU_LOCKUP && s->gdb == NULL)
            return locked_up(s);
        if (s->repl != NULL) {
            /* Asleep for most of the time: the slice may end in the few instructions of a tick that
               is as long. */
            bool asleep = (cpu_slept(soc->cpu) - slept) * 4 >= (cpu_cycles(soc->cpu) - cycles) * 3;
            repl_tick(s->repl, now, asleep);
            if (repl_status(s->repl) != -1)
                return repl_status(s->repl);
        }
        forward_input(s);
        console_flush(s->console);
        if (s->usb != NULL)
            s->heard |= usb_serial_poll(s->usb);
        if (s->usbip != NULL)
            s->heard |= usbip_poll(s->usbip);
        if (console_left(s->console) ||
            (s->usb != NULL && console_left(usb_serial_console(s->usb))))
            return left(s);
        if (now >= s->options.limit) {
            fprintf(stderr, "vboard: the limit of %g s is reached\n",
                    stats_seconds(s->options.limit));
            return EXIT_LIMIT;
        }
        if (live)
            keep_pace(s, &start_ms, at_rest(s, cpu_instructions(soc->cpu) - instructions));
    }
}

int main(int argc, char **argv)
{
    static struct session s;
    char error[256];
    int status = options_parse(&s.options, argc, argv);

    if (status != -1)
        return status;
    status = set_up(&s);
    if (status == -1) {
        stats_start(&s.clock);
        status = run(&s);
        octospi_sync(s.board->soc);
        repl_free(s.repl);
        s.repl = NULL;
        console_flush(s.console);
        if (console_error(s.console) != 0 && console_error(s.console) != EPIPE)
            status = usage_error("standard output: %s", strerror(console_error(s.console)));
        stats_print(s.board, &s.clock, s.options.stats, stderr);
        if (vcd_free(s.vcd, sched_now(s.board->soc->sched)) != 0)
            status = usage_error("%s could not be written", s.options.vcd);
        s.vcd = NULL;
        if (s.options.flash != NULL &&
            flash_file_save(s.options.flash, s.board->soc->flash_cells, error, sizeof(error)) != 0)
            status = usage_error("%s", error);
        if (attach_save(s.attached, error, sizeof(error)) != 0)
            status = usage_error("%s", error);
    }
    tear_down(&s);
    return status;
}
