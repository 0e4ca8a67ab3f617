#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../wire/spec.h"
#include "board.h"
#include "inject.h"

int usage_error(const char *format, ...)
{
    va_list args;

    fputs("vboard: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

static void print_help(void)
{
    puts("vboard [options] FIRMWARE.elf|.bin|.dfu\n"
         "\n"
         "Runs STM32H7A3 firmware on a model of a board with an SPI RAM on OCTOSPI1.\n"
         "\n"
         "  --board NAME       devebox (default) | weact | nucleo\n"
         "  --psram CHIP       esp-psram64h (default) | ly68l6400 | aps6404l | ips6404l | none\n"
         "  --uart WHERE       stdio (default) | pipe | pty | unix:PATH | tcp:PORT | none: the\n"
         "                     REPL's USART\n"
         "  --baud N           speed of that terminal, 115200\n"
         "  --pace real|free   on a terminal, pty or socket: virtual time never runs ahead of the\n"
         "                     PC's (real), or does while the board works (free)\n"
         "  --usb WHERE        none (default: not plugged in) | pty | unix:PATH | tcp:PORT | "
         "stdio:\n"
         "                     a PC on the USB plug, with the board's serial port there\n"
         "  --usbip PORT       serve the device on the USB plug by USB/IP (0: any free port)\n"
         "  --run SCRIPT.py    run a script through the raw REPL, print only its output;\n"
         "                     exit 0, or 1 if it raised\n"
         "  --vcd FILE         record the wires of the memory: nCS, CLK, IO0..3\n"
         "  --vcd-from T, --vcd-to T  only from one virtual time to another\n"
         "  --vcd-pin PIN      and this pin of the chip: PA1 (repeatable)\n"
         "  --trace WHAT       ospi | mmio | cpu | irq | usb: a readable log on stderr "
         "(repeatable)\n"
         "  --fault SPEC       inject a fault (repeatable); --faults lists them\n"
         "  --i2c SCL,SDA,CHIP[@ADDRESS][=FILE]  an EEPROM (24c02 .. 24c512) with pull-ups, or\n"
         "                     hang-sda, hang-scl: a part that holds a line (repeatable)\n"
         "  --spi SCK,MOSI,MISO,NCS,CHIP[=FILE]  a NOR flash: w25q16 .. w25q128 (repeatable)\n"
         "  --analog PIN=VOLTS  or PIN=sine:LOW:HIGH:HZ, PIN=ramp:LOW:HIGH:HZ (repeatable)\n"
         "  --part PIN,CHIP    ds18b20[=CELSIUS], dht11 or dht22[=CELSIUS:PERCENT], ws2812 or\n"
         "                     sk6812rgbw[=FILE]: a sensor, or LEDs that tell (repeatable)\n"
         "  --strict           guest errors and hazards end the run with exit status 3\n"
         "  --worst-case       margins that are not kept bite as the datasheets' worst case may\n"
         "  --hazard NAME=off|count|bite  switch of one hazard (repeatable); --hazards lists them\n"
         "  --waive NAME       a hazard that does not end a --strict run (repeatable)\n"
         "  --partial zero|mask|stale  lanes without data of a mapped write's 8-byte beat (zero)\n"
         "  --wires short|long tracks between controller and memory (short)\n"
         "  --stats[=json]     virtual time, instructions, MIPS, bus figures, complaints\n"
         "  --flash FILE       keep the internal flash in FILE between runs\n"
         "  --gdb PORT         serve gdb; the board waits for it in reset, without limit\n"
         "  --boot0            hold BOOT0\n"
         "  --no-lse           the 32.768 kHz crystal is not fitted\n"
         "  --press BUTTON@T[-T]  hold a button from T on (for 100 ms, or until the second T)\n"
         "  --wire PIN,PIN     a wire between two pins of the chip: PA1,PA2 (repeatable)\n"
         "  --sd FILE[,SIZE][,v1]  an SD card in the slot, its content in FILE; a new one has\n"
         "                     64M; v1: an old card of SD version 1, up to 1G\n"
         "  --sd-out T[-T]     the card is out of the slot from T on, or until the second T\n"
         "  --power-cut T|flash:N  cut the power at a time, or in the N-th operation of the flash\n"
         "                     since power-on, and give it back (repeatable)\n"
         "  --limit SECONDS    end after so much virtual time (exit status 4)\n"
         "  --seed N           random content of memories at power-on, and the like (1)\n"
         "\n"
         "On a terminal Ctrl-] leaves. Times are virtual: seconds, or with unit (20ms, 5us).\n"
         "Exit status: 0 done, 1 the script raised, 2 usage or a file that cannot be written,\n"
         "3 lock-up or --strict, 4 --limit, 128+N signal N before script or input were done.");
}

static int parse_press(struct options *o, char *text)
{
    char *at = strchr(text, '@');
    struct press *p = &o->presses[o->press_count];
    const char *end;

    if (o->press_count == MAX_PRESSES)
        return usage_error("more than %d times --press", MAX_PRESSES);
    if (at == NULL || at == text || (end = spec_time(at + 1, &p->from)) == NULL)
        return usage_error("--press wants BUTTON@TIME[-TIME], not '%s'", text);
    p->to = p->from + 100 * VTIME_MS;
    if (*end == '-')
        end = spec_time(end + 1, &p->to);
    if (end == NULL || *end != '\0' || p->to <= p->from)
        return usage_error("--press wants BUTTON@TIME[-TIME], not '%s'", text);
    *at = '\0';
    p->button = text;
    o->press_count++;
    return -1;
}

static int parse_wire(struct options *o, char *text)
{
    struct wire_between *w = &o->wires[o->wire_count];
    char *comma = strchr(text, ',');

    if (o->wire_count == MAX_WIRES)
        return usage_error("more than %d times --wire", MAX_WIRES);
    if (comma != NULL)
        *comma = '\0';
    if (comma == NULL || !board_pin(text, &w->one) || !board_pin(comma + 1, &w->other)) {
        if (comma != NULL)
            *comma = ',';
        return usage_error("--wire wants two pins, PA1,PA2, not '%s'", text);
    }
    o->wire_count++;
    return -1;
}

static int parse_power_cut(struct options *o, const char *text)
{
    if (o->power_cut_count == MAX_POWER_CUTS)
        return usage_error("more than %d times --power-cut", MAX_POWER_CUTS);
    if (!power_cut_read(text, &o->power_cuts[o->power_cut_count]))
        return usage_error("--power-cut wants a TIME or flash:N, not '%s'", text);
    o->power_cut_count++;
    return -1;
}

static int parse_attach(struct options *o, enum attach_kind kind, const char *text)
{
    if (o->attach_count == MAX_ATTACH)
        return usage_error("more than %d parts on pins", MAX_ATTACH);
    o->attach[o->attach_count++] = (struct attach_option){kind, text};
    return -1;
}

/* FILE[,SIZE][,v1], SIZE with K, M or G. */
static int parse_sd(struct options *o, char *text)
{
    static const char units[] = "KMG";
    char *comma = strrchr(text, ','), *end;

    o->sd = text;
    o->sd_v1 = comma != NULL && strcmp(comma, ",v1") == 0;
    if (o->sd_v1) {
        *comma = '\0';
        comma = strrchr(text, ',');
    }
    if (comma == NULL)
        return *text != '\0' ? -1 : usage_error("--sd wants FILE[,SIZE][,v1]");
    *comma = '\0';
    errno = 0;
    o->sd_size = strtoull(comma + 1, &end, 10);
    if (*end != '\0' && strchr(units, *end) != NULL)
        o->sd_size <<= 10 * (strchr(units, *end++) - units + 1);
    if (errno != 0 || end == comma + 1 || *end != '\0' || o->sd_size == 0 || *text == '\0')
        return usage_error("--sd wants FILE[,SIZE][,v1], such as card.img,64M");
    return -1;
}

static int parse_sd_out(struct options *o, const char *text)
{
    const char *end = spec_time(text, &o->sd_out.from);

    o->sd_out.to = VTIME_NEVER;
    if (end != NULL && *end == '-')
        end = spec_time(end + 1, &o->sd_out.to);
    if (end == NULL || *end != '\0' || o->sd_out.to <= o->sd_out.from)
        return usage_error("--sd-out wants TIME or TIME-TIME, not '%s'", text);
    o->sd_out.button = "card";
    return -1;
}

static int parse_trace(struct options *o, const char *text)
{
    static const char *const names[] = {"ospi", "mmio", "cpu", "irq", "usb"};

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            o->trace |= 1u << i;
            return -1;
        }
    }
    return usage_error("--trace knows ospi, mmio, cpu, irq and usb, not '%s'", text);
}

static const char *const partial_names[] = {[OCTOSPI_PARTIAL_ZERO] = "zero",
                                            [OCTOSPI_PARTIAL_MASK] = "mask",
                                            [OCTOSPI_PARTIAL_STALE] = "stale"};
static const char *const action_names[] = {
    [HAZARD_OFF] = "off", [HAZARD_COUNT] = "count", [HAZARD_BITE] = "bite"};

/* One of n words; *out = which. */
static int parse_word(const char *option, const char *text, const char *const *words, unsigned n,
                      unsigned *out)
{
    for (*out = 0; *out < n; (*out)++)
        if (strcmp(words[*out], text) == 0)
            return -1;
    return usage_error("--%s knows %s, %s%s%s, not '%s'", option, words[0], words[1],
                       n > 2 ? ", " : "", n > 2 ? words[2] : "", text);
}

/* NAME=ACTION */
static int parse_hazard(struct options *o, char *text)
{
    char *equals = strchr(text, '=');
    unsigned action;
    int which, status;

    if (equals == NULL)
        return usage_error("--hazard wants NAME=off|count|bite, not '%s'", text);
    *equals = '\0';
    which = hazard_find(text);
    if (which < 0)
        return usage_error("no hazard '%s'; --hazards lists them", text);
    status = parse_word("hazard", equals + 1, action_names, 3, &action);
    o->hazard[which] = action;
    o->hazard_given[which] = true;
    return status;
}

static void print_hazards(void)
{
    for (int i = 0; i < HAZARDS; i++)
        printf("%-18s %s  %s\n%26s(%s)\n", hazard_kinds[i].name,
               hazard_kinds[i].margin ? "margin" : "logic ", hazard_kinds[i].what, "",
               hazard_kinds[i].source);
}

static int parse_only_time(const char *option, const char *text, vtime *out)
{
    const char *end = spec_time(text, out);

    if (end == NULL || *end != '\0')
        return usage_error("--%s wants a time, not '%s'", option, text);
    return -1;
}

static int parse_number(const char *option, const char *text, uint64_t max, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 0);
    if (end == text || *end != '\0' || errno != 0 || *out > max || strchr(text, '-') != NULL)
        return usage_error("--%s wants a number up to %llu, not '%s'", option,
                           (unsigned long long)max, text);
    return -1;
}

enum {
    OPT_BOARD = 256,
    OPT_PSRAM,
    OPT_UART,
    OPT_USB,
    OPT_USBIP,
    OPT_BAUD,
    OPT_PACE,
    OPT_RUN,
    OPT_VCD,
    OPT_VCD_FROM,
    OPT_VCD_TO,
    OPT_VCD_PIN,
    OPT_TRACE,
    OPT_FAULT,
    OPT_FAULTS,
    OPT_I2C,
    OPT_SPI,
    OPT_ANALOG,
    OPT_PART,
    OPT_STRICT,
    OPT_WORST_CASE,
    OPT_HAZARD,
    OPT_HAZARDS,
    OPT_WAIVE,
    OPT_PARTIAL,
    OPT_WIRES,
    OPT_STATS,
    OPT_FLASH,
    OPT_GDB,
    OPT_BOOT0,
    OPT_NO_LSE,
    OPT_PRESS,
    OPT_WIRE,
    OPT_POWER_CUT,
    OPT_SD,
    OPT_SD_OUT,
    OPT_LIMIT,
    OPT_SEED,
    OPT_HELP,
};

static const struct option long_options[] = {
    {"board", required_argument, NULL, OPT_BOARD},
    {"psram", required_argument, NULL, OPT_PSRAM},
    {"uart", required_argument, NULL, OPT_UART},
    {"usb", required_argument, NULL, OPT_USB},
    {"usbip", required_argument, NULL, OPT_USBIP},
    {"baud", required_argument, NULL, OPT_BAUD},
    {"pace", required_argument, NULL, OPT_PACE},
    {"run", required_argument, NULL, OPT_RUN},
    {"vcd", required_argument, NULL, OPT_VCD},
    {"vcd-from", required_argument, NULL, OPT_VCD_FROM},
    {"vcd-pin", required_argument, NULL, OPT_VCD_PIN},
    {"vcd-to", required_argument, NULL, OPT_VCD_TO},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"fault", required_argument, NULL, OPT_FAULT},
    {"faults", no_argument, NULL, OPT_FAULTS},
    {"worst-case", no_argument, NULL, OPT_WORST_CASE},
    {"hazard", required_argument, NULL, OPT_HAZARD},
    {"hazards", no_argument, NULL, OPT_HAZARDS},
    {"waive", required_argument, NULL, OPT_WAIVE},
    {"partial", required_argument, NULL, OPT_PARTIAL},
    {"wires", required_argument, NULL, OPT_WIRES},
    {"i2c", required_argument, NULL, OPT_I2C},
    {"spi", required_argument, NULL, OPT_SPI},
    {"analog", required_argument, NULL, OPT_ANALOG},
    {"part", required_argument, NULL, OPT_PART},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"stats", optional_argument, NULL, OPT_STATS},
    {"power-cut", required_argument, NULL, OPT_POWER_CUT},
    {"sd", required_argument, NULL, OPT_SD},
    {"sd-out", required_argument, NULL, OPT_SD_OUT},
    {"flash", required_argument, NULL, OPT_FLASH},
    {"gdb", required_argument, NULL, OPT_GDB},
    {"boot0", no_argument, NULL, OPT_BOOT0},
    {"no-lse", no_argument, NULL, OPT_NO_LSE},
    {"press", required_argument, NULL, OPT_PRESS},
    {"wire", required_argument, NULL, OPT_WIRE},
    {"limit", required_argument, NULL, OPT_LIMIT},
    {"seed", required_argument, NULL, OPT_SEED},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static int parse_one(struct options *o, int option)
{
    uint64_t number;
    unsigned word = 0;
    int status = -1;

    switch (option) {
    case OPT_BOARD:
        o->board = optarg;
        if (!board_exists(optarg))
            return usage_error("no board '%s'; there are: %s", optarg, board_names());
        return -1;
    case OPT_PSRAM:
        o->psram = optarg;
        if (!board_psram_exists(optarg))
            return usage_error("no SPI RAM '%s'; there are: %s", optarg, board_psram_names());
        return -1;
    case OPT_UART:
        o->uart = optarg;
        return -1;
    case OPT_USB:
        o->usb = optarg;
        return -1;
    case OPT_USBIP:
        o->usbip = optarg;
        return -1;
    case OPT_BAUD:
        status = parse_number("baud", optarg, 10000000, &number);
        o->baud = (uint32_t)number;
        if (status == -1 && o->baud < 50)
            return usage_error("--baud wants at least 50");
        return status;
    case OPT_PACE:
        status = parse_word("pace", optarg, (const char *const[]){"real", "free"}, 2, &word);
        o->pace = word;
        return status;
    case OPT_RUN:
        o->script = optarg;
        return -1;
    case OPT_TRACE:
        return parse_trace(o, optarg);
    case OPT_FAULT:
        if (o->fault_count == MAX_FAULTS)
            return usage_error("more than %d times --fault", MAX_FAULTS);
        o->faults[o->fault_count++] = optarg;
        return -1;
    case OPT_FAULTS:
        inject_list(stdout);
        return EXIT_RAN;
    case OPT_I2C:
        return parse_attach(o, ATTACH_I2C, optarg);
    case OPT_SPI:
        return parse_attach(o, ATTACH_SPI, optarg);
    case OPT_ANALOG:
        return parse_attach(o, ATTACH_ANALOG, optarg);
    case OPT_PART:
        return parse_attach(o, ATTACH_PART, optarg);
    case OPT_STRICT:
        o->strict = true;
        return -1;
    case OPT_WORST_CASE:
        o->worst_case = true;
        return -1;
    case OPT_HAZARD:
        return parse_hazard(o, optarg);
    case OPT_HAZARDS:
        print_hazards();
        return EXIT_RAN;
    case OPT_WAIVE:
        status = hazard_find(optarg);
        if (status < 0)
            return usage_error("no hazard '%s'; --hazards lists them", optarg);
        o->waived[status] = true;
        return -1;
    case OPT_PARTIAL:
        return parse_word("partial", optarg, partial_names, 3, (unsigned *)&o->partial);
    case OPT_WIRES:
        status = parse_word("wires", optarg, (const char *const[]){"short", "long"}, 2, &word);
        o->long_wires = word;
        return status;
    case OPT_STATS:
        if (optarg != NULL && strcmp(optarg, "json") != 0)
            return usage_error("--stats knows json, not '%s'", optarg);
        o->stats = optarg != NULL ? STATS_JSON : STATS_TEXT;
        return -1;
    case OPT_FLASH:
        o->flash = optarg;
        return -1;
    case OPT_GDB:
        o->gdb = optarg;
        return -1;
    case OPT_BOOT0:
        o->boot0 = true;
        return -1;
    case OPT_NO_LSE:
        o->no_lse = true;
        return -1;
    case OPT_PRESS:
        return parse_press(o, optarg);
    case OPT_WIRE:
        return parse_wire(o, optarg);
    case OPT_POWER_CUT:
        return parse_power_cut(o, optarg);
    case OPT_SD:
        return parse_sd(o, optarg);
    case OPT_SD_OUT:
        return parse_sd_out(o, optarg);
    case OPT_LIMIT:
        return parse_only_time("limit", optarg, &o->limit);
    case OPT_VCD:
        o->vcd = optarg;
        return -1;
    case OPT_VCD_FROM:
        return parse_only_time("vcd-from", optarg, &o->vcd_from);
    case OPT_VCD_TO:
        return parse_only_time("vcd-to", optarg, &o->vcd_to);
    case OPT_VCD_PIN:
        if (o->vcd_pin_count == VCD_MAX_NETS)
            return usage_error("more than %d times --vcd-pin", VCD_MAX_NETS);
        if (!board_pin(optarg, &o->vcd_pins[o->vcd_pin_count++]))
            return usage_error("--vcd-pin wants a pin, PA1, not '%s'", optarg);
        return -1;
    case OPT_SEED:
        return parse_number("seed", optarg, UINT64_MAX, &o->seed);
    default:
        print_help();
        return EXIT_RAN;
    }
}

int options_parse(struct options *o, int argc, char **argv)
{
    int option;

    *o = (struct options){.board = "devebox",
                          .psram = "esp-psram64h",
                          .uart = "stdio",
                          .usb = "none",
                          .baud = 115200,
                          .limit = VTIME_NEVER,
                          .vcd_to = VTIME_NEVER,
                          .seed = 1};
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
        if (option == ':')
            return usage_error("%s wants a value", argv[optind - 1]);
        if (option == '?')
            return usage_error("unknown option '%s'; --help lists them", argv[optind - 1]);

        int status = parse_one(o, option);

        if (status != -1)
            return status;
    }
    if (o->vcd_to < o->vcd_from)
        return usage_error("--vcd-to lies before --vcd-from");
    if (o->script != NULL && strcmp(o->uart, "none") == 0)
        o->uart = "stdio"; /* the script is at the terminal, and nobody else */
    if (o->script != NULL && strcmp(o->uart, "stdio") != 0 && strcmp(o->uart, "pipe") != 0)
        return usage_error("--run is at the terminal itself: it goes with --uart stdio only");
    if (strcmp(o->uart, "stdio") == 0 && strcmp(o->usb, "stdio") == 0)
        return usage_error("--uart and --usb cannot both have standard input and output");
    if (o->vcd_pin_count != 0 && o->vcd == NULL)
        return usage_error("--vcd-pin needs --vcd");
    if (o->usbip != NULL && strcmp(o->usb, "none") != 0)
        return usage_error("--usb and --usbip are two PCs on one plug; one of them");
    if (optind == argc)
        return usage_error("no firmware given; --help tells how");
    if (optind != argc - 1)
        return usage_error("one firmware file, not also '%s'", argv[optind + 1]);
    o->firmware = argv[optind];
    return -1;
}
