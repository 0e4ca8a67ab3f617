/* The command line of vboard. */
#ifndef VBOARD_HOST_OPTIONS_H
#define VBOARD_HOST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "../soc/octospi.h"
#include "../trace/vcd.h"
#include "../wire/hazard.h"
#include "../wire/sched.h"
#include "power_cut.h"
#include "attach.h"

/* Exit statuses. */
enum {
    EXIT_RAN = 0,     /* the program or script ended well, or a person left */
    EXIT_RAISED = 1,  /* the script raised */
    EXIT_USAGE = 2,   /* options or files are not usable */
    EXIT_STOPPED = 3, /* lock-up, or a complaint under --strict */
    EXIT_LIMIT = 4,   /* --limit was reached */
};

#define MAX_FAULTS     32
#define MAX_PRESSES    32
#define MAX_WIRES      32
#define MAX_POWER_CUTS 64
#define MAX_ATTACH     32

enum {
    TRACE_OSPI = 1 << 0,
    TRACE_MMIO = 1 << 1,
    TRACE_CPU = 1 << 2,
    TRACE_IRQ = 1 << 3,
    TRACE_USB = 1 << 4,
};

/* How virtual time goes beside the PC's while somebody may be at the console; see docs/vboard.md.
 */
enum pace {
    PACE_REAL, /* never ahead */
    PACE_FREE, /* ahead, but for a board that sleeps */
};

enum stats_format { STATS_NONE, STATS_TEXT, STATS_JSON };

struct press {
    const char *button;
    vtime from, to;
};

struct wire_between {
    unsigned one, other; /* SOC_PIN() */
};

struct options {
    const char *firmware;
    const char *board;
    const char *psram;
    const char *uart;  /* stdio, pipe, pty, unix:PATH, tcp:PORT, none */
    const char *usb;   /* the same for the CDC ACM function on USB */
    const char *usbip; /* port, NULL: none */
    uint32_t baud;
    enum pace pace;
    const char *gdb; /* port, NULL: none */
    const char *script;
    const char *flash;
    const char *sd;      /* NULL: no card */
    uint64_t sd_size;    /* 0: the file's */
    bool sd_v1;          /* a card of version 1 */
    struct press sd_out; /* when the card is out of the slot; .button NULL: never */
    const char *vcd;     /* NULL: none */
    vtime vcd_from, vcd_to;
    unsigned vcd_pins[VCD_MAX_NETS]; /* SOC_PIN() */
    unsigned vcd_pin_count;
    unsigned trace; /* TRACE_* */
    const char *faults[MAX_FAULTS];
    unsigned fault_count;
    struct press presses[MAX_PRESSES];
    unsigned press_count;
    struct wire_between wires[MAX_WIRES];
    unsigned wire_count;
    struct power_cut power_cuts[MAX_POWER_CUTS];
    unsigned power_cut_count;
    struct attach_option attach[MAX_ATTACH];
    unsigned attach_count;
    bool strict;
    bool worst_case;
    bool long_wires;
    enum octospi_partial partial;
    enum hazard_action hazard[HAZARDS]; /* where hazard_given */
    bool hazard_given[HAZARDS];
    bool waived[HAZARDS]; /* not fatal under --strict */
    bool boot0;
    bool no_lse;
    enum stats_format stats;
    vtime limit; /* VTIME_NEVER: none */
    uint64_t seed;
};

/*
 * Reads the command line. Returns -1 to go on, or the status to exit with: EXIT_RAN after --help
 * and the lists, EXIT_USAGE after one line on stderr. Strings point into argv.
 */
int options_parse(struct options *o, int argc, char **argv);

/* One line on stderr: "vboard: " and the formatted text. Returns EXIT_USAGE. */
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
