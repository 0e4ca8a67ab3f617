#include "gdb.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listen.h"

enum {
    PACKET_MAX = 4096, /* characters in a packet, as qSupported says */
    WAIT_MS = 20,
    FLASH_SECTOR = 8192,
    SIGNAL_INT = 2, /* gdb's own numbers, include/gdb/signals.def */
    SIGNAL_TRAP = 5,
    SIGNAL_SEGV = 11,
    POINTS = 96, /* breakpoints and watchpoints; more than the core takes */
};
#define FLASH_BASE 0x08000000u
#define FLASH_SIZE 0x00200000u

struct gdb {
    struct soc *soc;
    int listener, client;
    bool halted;
    bool no_ack;
    bool resumed; /* gdb waits for a stop reply */
    char in[2 * PACKET_MAX];
    size_t in_count;
    char out[PACKET_MAX + 64];
    size_t out_count;
    struct point {
        uint32_t kind, addr, size;
    } points[POINTS]; /* that the client has set */
    unsigned point_count;
};

/* Registers in gdb's order: the features of target_xml. */
static const struct gdb_reg {
    uint16_t reg;
    uint8_t bytes;
} regs[] = {
    {0, 4},           {1, 4},           {2, 4},
    {3, 4},           {4, 4},           {5, 4},
    {6, 4},           {7, 4},           {8, 4},
    {9, 4},           {10, 4},          {11, 4},
    {12, 4},          {CPU_SP, 4},      {CPU_LR, 4},
    {CPU_PC, 4},      {CPU_XPSR, 4},    {CPU_S0, 8},
    {CPU_S0 + 2, 8},  {CPU_S0 + 4, 8},  {CPU_S0 + 6, 8},
    {CPU_S0 + 8, 8},  {CPU_S0 + 10, 8}, {CPU_S0 + 12, 8},
    {CPU_S0 + 14, 8}, {CPU_S0 + 16, 8}, {CPU_S0 + 18, 8},
    {CPU_S0 + 20, 8}, {CPU_S0 + 22, 8}, {CPU_S0 + 24, 8},
    {CPU_S0 + 26, 8}, {CPU_S0 + 28, 8}, {CPU_S0 + 30, 8},
    {CPU_FPSCR, 4},   {CPU_MSP, 4},     {CPU_PSP, 4},
    {CPU_PRIMASK, 4}, {CPU_BASEPRI, 4}, {CPU_FAULTMASK, 4},
    {CPU_CONTROL, 4},
};
enum { REGS = sizeof(regs) / sizeof(regs[0]) };

#define REG(name)    "<reg name=\"" name "\" bitsize=\"32\"/>"
#define DOUBLE(name) "<reg name=\"" name "\" bitsize=\"64\" type=\"ieee_double\"/>"
static const char target_xml[] =
    "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target>"
    "<architecture>arm</architecture><feature name=\"org.gnu.gdb.arm.m-profile\">" REG("r0") REG(
        "r1") REG("r2") REG("r3") REG("r4") REG("r5") REG("r6") REG("r7") REG("r8") REG("r9")
        REG("r10")
            REG("r11") REG("r12") "<reg name=\"sp\" bitsize=\"32\" type=\"data_ptr\"/>" REG("lr") "<reg name=\"pc\" bitsize=\"32\" type=\"code_ptr\"/>" REG(
                "xpsr") "</feature><feature name=\"org.gnu.gdb.arm.vfp\">" DOUBLE("d0") DOUBLE("d1")
                DOUBLE("d2") DOUBLE("d3") DOUBLE("d4") DOUBLE("d5") DOUBLE("d6") DOUBLE(
                    "d7") DOUBLE("d8") DOUBLE("d9") DOUBLE("d10") DOUBLE("d11") DOUBLE("d12")
                    DOUBLE("d13") DOUBLE("d14") DOUBLE("d15") REG(
                        "fpscr") "</feature><feature name=\"org.gnu.gdb.arm.m-system\">" REG("msp")
                        REG("psp") REG("primask") REG("basepri") REG("faultmask")
                            REG("control") "</feature></target>";

static const char memory_xml[] =
    "<?xml version=\"1.0\"?><memory-map>"
    "<memory type=\"ram\" start=\"0x00000000\" length=\"0x08000000\"/>"
    "<memory type=\"flash\" start=\"0x08000000\" length=\"0x200000\">"
    "<property name=\"blocksize\">0x2000</property></memory>"
    "<memory type=\"ram\" start=\"0x08200000\" length=\"0xf7e00000\"/></memory-map>";

/* ---- text ---- */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* A hexadecimal number at *p, which moves on behind it and the separator after it, if that is
 * there. */
static bool number(const char **p, char separator, uint32_t *out)
{
    const char *start = *p;

    for (*out = 0; digit(**p) >= 0; (*p)++)
        *out = *out << 4 | (uint32_t)digit(**p);
    if (*p == start || (separator != '\0' && **p != separator))
        return false;
    *p += separator != '\0';
    return true;
}

/* Bytes from hexadecimal text; the count. */
static size_t unhex(const char *text, uint8_t *bytes, size_t n)
{
    size_t i = 0;

    while (i < n && digit(text[2 * i]) >= 0 && digit(text[2 * i + 1]) >= 0) {
        bytes[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
        i++;
    }
    return i;
}

/* ---- the line ---- */

/* Kinds as in Z packets: 0 and 1 break, 2 .. 4 watch. */
static int set_point(struct gdb *g, const struct point *p, bool set)
{
    static const unsigned watch[] = {
        [2] = CPU_WATCH_WRITE, [3] = CPU_WATCH_READ, [4] = CPU_WATCH_READ | CPU_WATCH_WRITE};

    return p->kind < 2 ? cpu_break(g->soc->cpu, p->addr, set)
                       : cpu_watch(g->soc->cpu, p->addr, p->size, watch[p->kind], set);
}

/* The board goes on, and nothing is left that would stop it. */
static void drop_client(struct gdb *g)
{
    close(g->client);
    g->client = -1;
    g->halted = g->resumed = false;
    while (g->point_count != 0)
        set_point(g, &g->points[--g->point_count], false);
}

static void send_all(struct gdb *g, const char *bytes, size_t n)
{
    while (n != 0 && g->client >= 0) {
        ssize_t sent = send(g->client, bytes, n, MSG_NOSIGNAL);

        if (sent > 0) {
            bytes += sent;
            n -= (size_t)sent;
        } else if (poll(&(struct pollfd){.fd = g->client, .events = POLLOUT}, 1, 1000) != 1) {
            drop_client(g);
        }
    }
}

static void put(struct gdb *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct gdb *g, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(g->out + g->out_count, sizeof(g->out) - g->out_count, format, args);
    va_end(args);
    if (n > 0 && g->out_count + (size_t)n < sizeof(g->out))
        g->out_count += (size_t)n;
}

static void put_hex(struct gdb *g, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(g, "%02x", bytes[i]);
}

static void begin_reply(struct gdb *g)
{
    g->out[0] = '$';
    g->out_count = 1;
}

static void end_reply(struct gdb *g)
{
    uint8_t sum = 0;

    for (size_t i = 1; i < g->out_count; i++)
        sum = (uint8_t)(sum + (uint8_t)g->out[i]);
    put(g, "#%02x", sum);
    send_all(g, g->out, g->out_count);
}

/* ---- registers and memory ---- */

static void put_reg(struct gdb *g, unsigned n)
{
    for (unsigned word = 0; word < regs[n].bytes / 4u; word++) {
        uint32_t value = cpu_get(g->soc->cpu, regs[n].reg + word);

        put_hex(g, (const uint8_t *)&value, 4); /* little-endian on both sides */
    }
}

static bool set_reg(struct gdb *g, unsigned n, const char **text)
{
    for (unsigned word = 0; word < regs[n].bytes / 4u; word++) {
        uint32_t value;

        if (unhex(*text, (uint8_t *)&value, 4) != 4)
            return false;
        *text += 8;
        cpu_set(g->soc->cpu, regs[n].reg + word, value);
    }
    return true;
}

static void all_registers(struct gdb *g)
{
    for (unsigned n = 0; n < REGS; n++)
        put_reg(g, n);
}

static void set_all_registers(struct gdb *g, const char *text)
{
    for (unsigned n = 0; n < REGS; n++) {
        if (!set_reg(g, n, &text)) {
            put(g, "E01");
            return;
        }
    }
    put(g, "OK");
}

static void read_memory(struct gdb *g, const char *p)
{
    uint8_t bytes[PACKET_MAX / 2];
    uint32_t addr, n;

    if (!number(&p, ',', &addr) || !number(&p, '\0', &n)) {
        put(g, "E01");
        return;
    }
    if (n > sizeof(bytes))
        n = sizeof(bytes);
    n = (uint32_t)cpu_peek(g->soc->cpu, addr, bytes, n);
    if (n == 0)
        put(g, "E0e");
    put_hex(g, bytes, n);
}

static void write_memory(struct gdb *g, const char *p)
{
    uint8_t bytes[PACKET_MAX / 2];
    uint32_t addr, n;

    if (!number(&p, ',', &addr) || !number(&p, ':', &n) || n > sizeof(bytes) ||
        unhex(p, bytes, n) != n)
        put(g, "E01");
    else
        put(g, cpu_poke(g->soc->cpu, addr, bytes, n) == n ? "OK" : "E0e");
}

/* vFlashErase:ADDR,LENGTH */
static void flash_erase(struct gdb *g, const char *p)
{
    uint8_t erased[256];
    uint32_t addr, n;

    if (!number(&p, ',', &addr) || !number(&p, '\0', &n) || addr - FLASH_BASE > FLASH_SIZE ||
        n > FLASH_SIZE - (addr - FLASH_BASE) || (addr | n) % FLASH_SECTOR != 0) {
        put(g, "E01");
        return;
    }
    memset(erased, 0xFF, sizeof(erased));
    for (uint32_t i = 0; i < n; i += (uint32_t)sizeof(erased))
        soc_load(g->soc, addr + i, erased, sizeof(erased));
    put(g, "OK");
}

/* vFlashWrite:ADDR:XX.. with binary data; n = length of the packet from p on. */
static void flash_write(struct gdb *g, const char *p, size_t n)
{
    uint8_t bytes[sizeof(g->in)];
    const char *end = p + n;
    uint32_t addr;
    size_t count = 0;

    if (!number(&p, ':', &addr)) {
        put(g, "E01");
        return;
    }
    for (; p < end; p++) {
        if (*p == '}' && p + 1 < end)
            bytes[count++] = (uint8_t)(*++p ^ 0x20);
        else
            bytes[count++] = (uint8_t)*p;
    }
    put(g, soc_load(g->soc, addr, bytes, count) == 0 ? "OK" : "E.memtype");
}

/* ---- stops ---- */

static bool same_point(const struct point *a, const struct point *b)
{
    return a->kind == b->kind && a->addr == b->addr && a->size == b->size;
}

/* Zkind,addr,length and zkind,addr,length; to do it twice is to do it once. */
static void stop_point(struct gdb *g, const char *p, bool set)
{
    struct point new;
    unsigned at = 0;

    if (!number(&p, ',', &new.kind) || !number(&p, ',', &new.addr) ||
        !number(&p, '\0', &new.size)) {
        put(g, "E01");
        return;
    }
    if (new.kind > 4)
        return; /* not supported: an empty reply */
    while (at < g->point_count && !same_point(&g->points[at], &new))
        at++;
    if (set == (at < g->point_count)) {
        put(g, "OK");
    } else if ((set && g->point_count == POINTS) || set_point(g, &new, set) != 0) {
        put(g, "E0c");
    } else {
        if (set)
            g->points[g->point_count++] = new;
        else
            g->points[at] = g->points[--g->point_count];
        put(g, "OK");
    }
}

static void put_stop(struct gdb *g, enum cpu_stop reason)
{
    if (reason == CPU_WATCHPOINT)
        put(g, "T%02xwatch:%08x;", SIGNAL_TRAP, (unsigned)cpu_watch_hit(g->soc->cpu));
    else
        put(g, "S%02x",
            reason == CPU_LOCKUP      ? SIGNAL_SEGV
            : reason == CPU_REQUESTED ? SIGNAL_INT
                                      : SIGNAL_TRAP);
}

static void halt(struct gdb *g, enum cpu_stop reason)
{
    g->halted = true;
    if (!g->resumed)
        return;
    g->resumed = false;
    begin_reply(g);
    put_stop(g, reason);
    end_reply(g);
}

/* ---- packets ---- */

/* qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH */
static void transfer(struct gdb *g, const char *text, const char *p)
{
    uint32_t offset, n;
    size_t size = strlen(text);

    if (!number(&p, ',', &offset) || !number(&p, '\0', &n)) {
        put(g, "E01");
        return;
    }
    if (offset > size)
        offset = (uint32_t)size;
    if (n > PACKET_MAX - 16)
        n = PACKET_MAX - 16;
    if (n > size - offset)
        n = (uint32_t)(size - offset);
    put(g, "%c%.*s", offset + n < size ? 'm' : 'l', (int)n, text + offset);
}

static void monitor(struct gdb *g, const char *hex)
{
    char command[64];
    size_t n = unhex(hex, (uint8_t *)command, sizeof(command) - 1);
    const char *answer = "vboard knows: reset, reset halt, halt\n";

    command[n] = '\0';
    if (strcmp(command, "reset") == 0 || strncmp(command, "reset ", 6) == 0) {
        soc_reset(g->soc, SOC_RESET_PIN);
        answer = "the board was reset\n";
    } else if (strcmp(command, "halt") == 0) {
        answer = "the board is halted\n";
    }
    put_hex(g, (const uint8_t *)answer, strlen(answer));
}

static bool begins_with(const char **p, const char *text)
{
    size_t n = strlen(text);

    if (strncmp(*p, text, n) != 0)
        return false;
    *p += n;
    return true;
}

static void query(struct gdb *g, const char *p)
{
    if (begins_with(&p, "qSupported"))
        put(g,
            "PacketSize=%x;qXfer:features:read+;qXfer:memory-map:read+;QStartNoAckMode+;"
            "vContSupported+",
            PACKET_MAX);
    else if (begins_with(&p, "qXfer:features:read:target.xml:"))
        transfer(g, target_xml, p);
    else if (begins_with(&p, "qXfer:memory-map:read::"))
        transfer(g, memory_xml, p);
    else if (begins_with(&p, "qRcmd,"))
        monitor(g, p);
    else if (begins_with(&p, "qAttached"))
        put(g, "1");
}

static void resume(struct gdb *g)
{
    g->halted = false;
    g->resumed = true;
}

/* Steps one instruction; the reply is its stop. */
static void step(struct gdb *g)
{
    g->resumed = true;
    halt(g, soc_step(g->soc));
}

static void binary_or_verbose(struct gdb *g, const char *p, size_t n)
{
    const char *end = p + n;

    if (begins_with(&p, "vCont?"))
        put(g, "vCont;c;C;s;S");
    else if (begins_with(&p, "vFlashErase:"))
        flash_erase(g, p);
    else if (begins_with(&p, "vFlashWrite:"))
        flash_write(g, p, (size_t)(end - p));
    else if (begins_with(&p, "vFlashDone"))
        put(g, "OK");
}

/* True if the packet lets the core run or step: its reply comes later. */
static bool runs(struct gdb *g, const char *p)
{
    bool verbose = strncmp(p, "vCont;", 6) == 0;
    char what = verbose ? p[6] : p[0];

    if (what == '\0' || strchr("cCsS", what) == NULL)
        return false;
    if (what == 's' || what == 'S')
        step(g);
    else
        resume(g);
    return true;
}

static void serve_packet(struct gdb *g, const char *p, size_t n)
{
    bool no_ack = false;
    uint32_t reg;

    if (runs(g, p))
        return;
    begin_reply(g);
    switch (*p++) {
    case '?':
        put_stop(g, CPU_TIME);
        break;
    case 'g':
        all_registers(g);
        break;
    case 'G':
        set_all_registers(g, p);
        break;
    case 'p':
        if (number(&p, '\0', &reg) && reg < REGS)
            put_reg(g, reg);
        else
            put(g, "E01");
        break;
    case 'P':
        put(g, number(&p, '=', &reg) && reg < REGS && set_reg(g, reg, &p) ? "OK" : "E01");
        break;
    case 'm':
        read_memory(g, p);
        break;
    case 'M':
        write_memory(g, p);
        break;
    case 'Z':
    case 'z':
        stop_point(g, p, p[-1] == 'Z');
        break;
    case 'H':
        put(g, "OK");
        break;
    case 'q':
        query(g, p - 1);
        break;
    case 'Q':
        no_ack = begins_with(&p, "StartNoAckMode");
        put(g, "%s", no_ack ? "OK" : "");
        break;
    case 'v': /* n is that of the whole packet, whose data may hold zeros */
        binary_or_verbose(g, p - 1, n);
        break;
    case 'D':
        put(g, "OK");
        break;
    default:
        break; /* an empty reply: not supported */
    }
    end_reply(g);
    g->no_ack |= no_ack;
}

/* The two digits behind '#' are the sum of what stands between '$' and '#'. */
static bool checks(const char *start, const char *hash)
{
    uint8_t sum = 0;

    for (const char *p = start + 1; p < hash; p++)
        sum = (uint8_t)(sum + (uint8_t)*p);
    return digit(hash[1]) >= 0 && digit(hash[2]) >= 0 &&
           (digit(hash[1]) << 4 | digit(hash[2])) == sum;
}

/* Serves complete packets of what has come in. */
static void serve(struct gdb *g)
{
    size_t at = 0;

    while (at < g->in_count && g->client >= 0) {
        char *start = g->in + at;
        char *hash;
        size_t n;

        if (*start == 3) {
            at++;
            halt(g, CPU_REQUESTED);
            continue;
        }
        if (*start != '$') {
            at++;
            continue;
        }
        hash = memchr(start, '#', g->in_count - at);
        if (hash == NULL || hash + 2 >= g->in + g->in_count)
            break;
        n = (size_t)(hash - start - 1);
        at += n + 4;
        if (!g->no_ack) {
            bool good = checks(start, hash);

            send_all(g, good ? "+" : "-", 1);
            if (!good)
                continue;
        }
        *hash = '\0';
        bool detaches = start[1] == 'D', kills = start[1] == 'k';

        if (!kills)
            serve_packet(g, start + 1, n);
        if ((detaches || kills) && g->client >= 0)
            drop_client(g);
    }
    if (g->client < 0)
        at = g->in_count;
    memmove(g->in, g->in + at, g->in_count - at);
    g->in_count -= at;
    if (g->in_count == sizeof(g->in))
        g->in_count = 0; /* no packet is that long */
}

/* ---- */

struct gdb *gdb_new(const char *port, struct soc *soc, char *error, size_t error_size)
{
    struct gdb *g = calloc(1, sizeof(*g));
    uint16_t number;

    if (g == NULL) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    g->soc = soc;
    g->client = -1;
    g->halted = true;
    g->listener = listen_on_loopback(port, &number, error, error_size);
    if (g->listener < 0) {
        free(g);
        return NULL;
    }
    fprintf(stderr, "vboard: the board waits for gdb: target extended-remote localhost:%u\n",
            number);
    return g;
}

void gdb_free(struct gdb *g)
{
    if (g == NULL)
        return;
    if (g->client >= 0)
        close(g->client);
    close(g->listener);
    free(g);
}

bool gdb_may_run(struct gdb *g, enum cpu_stop reason)
{
    struct pollfd line = {.events = POLLIN};

    if (reason != CPU_TIME && reason != CPU_REQUESTED && !g->halted)
        halt(g, reason);
    line.fd = g->client >= 0 ? g->client : g->listener;
    if (poll(&line, 1, g->halted ? WAIT_MS : 0) <= 0)
        return !g->halted;
    if (g->client < 0) {
        g->client = listen_accept(g->listener);
        g->in_count = 0;
        g->no_ack = false;
        if (g->client >= 0)
            g->halted = true;
        return !g->halted;
    }

    ssize_t n = recv(g->client, g->in + g->in_count, sizeof(g->in) - g->in_count, 0);

    if (n <= 0) {
        drop_client(g);
    } else {
        g->in_count += (size_t)n;
        serve(g);
    }
    return !g->halted;
}
