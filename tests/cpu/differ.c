/*
 * Differential test of the core: random programs on Unicorn and on our core, from the same state.
 *
 *   differ [--count INSTRUCTIONS] [--seconds S] [--seed N] [--flavour NAME] [--program K]
 *   differ --list-encodings     encodings of every row, for the check against a disassembler
 *   differ --list-faults        where Unicorn is wrong
 *   differ --judge              which of the encodings on standard input are undefined for our core
 *
 * Without --seconds each flavour of program runs until its share of the instructions is done, and
 * TAP is printed. A difference is cut down to the smallest program that shows it and printed with
 * seed, number, encodings and states.
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "machine.h"
#include "program.h"
#include "unicorn_faults.h"

/*
 * Programs come in batches. A batch begins with fresh memory; what a program leaves in the data
 * window is where the next one starts from. In the code window (state.h) each has a slot; the first
 * slot belongs to the machines, the last ones are for cutting a failing program down.
 */
enum { SIDES = 3, MAX_PRINTED = 8, MAX_FAILURES = 200, FIRST_SLOT = 1, BATCH = SLOTS - 64 };

static const char *const flavour_names[FLAVOURS] = {"int", "fp", "dp", "mem", "flow", "mixed"};

static struct machine *side[SIDES]; /* Unicorn first */
static uint8_t *before;             /* the data window at the start of the program */
static uint64_t seed = 1;
static bool same_slot; /* see try_units() */
static unsigned printed;
static uint64_t seen[16];    /* how often each entry of unicorn_faults was met */
static uint64_t compared;    /* instructions of programs that all sides agree on */
static uint64_t report_from; /* programs before this one only prepare the memory */

/* How often the minimal program of a failure was this row. */
static struct {
    const char *name;
    unsigned count;
} tally[MAX_FAILURES];

enum outcome { SAME, DIFFERENT, DISCARDED };

struct result {
    struct state out[SIDES];
    const char *error[SIDES];
};

static uint32_t slot_address(unsigned slot)
{
    return CODE_BASE + slot * SLOT_SIZE + PAGE;
}

static void clear_code(void)
{
    static uint8_t pattern[SLOT_SIZE];
    struct rng g = {1};
    if (pattern[0] == 0) {
        for (size_t i = 0; i < SLOT_SIZE; i++)
            pattern[i] = (uint8_t)(rng_next(&g) | (i == 0));
    }
    for (int s = 0; s < SIDES; s++)
        machine_clear_code(side[s], pattern);
}

/* All memory as it is before the first program of a batch. */
static void fill_memory(struct rng *g)
{
    clear_code();
    for (uint32_t i = 0; i < DATA_SIZE; i += 8) {
        uint64_t v = rng_double(g);
        if (rng_chance(g, 70))
            v = rng_chance(g, 50) ? (uint64_t)rng_int(g) << 32 | rng_int(g)
                                  : (uint64_t)rng_float(g) << 32 | rng_float(g);
        memcpy(before + i, &v, 8);
    }
    for (int s = 0; s < SIDES; s++)
        memcpy(machine_data(side[s]), before, DATA_SIZE);
}

static void restore_memory(void)
{
    for (int s = 0; s < SIDES; s++)
        memcpy(machine_data(side[s]), before, DATA_SIZE);
}

static bool same_data(int s)
{
    return memcmp(machine_data(side[0]), machine_data(side[s]), DATA_SIZE) == 0;
}

/* Runs the chosen units on all sides; memory must be equal before. */
static enum outcome run_units(const struct program *p, uint32_t use, struct result *r)
{
    uint16_t hw[PROGRAM_MAX_HW + 1];
    unsigned len = program_layout(p, use, hw);
    uint32_t end = p->init.r[15] + 2 * len;
    unsigned written = len;
    memset(r, 0, sizeof *r);
    if ((use & (use + 1)) == 0) {
        /* The first units of a program: the others still stand behind them, for those that read
           relative to the PC. */
        uint16_t whole[PROGRAM_MAX_HW];
        written = program_layout(p, (uint32_t)((1ull << p->units) - 1), whole);
        memcpy(hw + len, whole + len, 2 * (written - len));
    }
    hw[written++] = 0xE7FE;
    for (int s = 0; s < SIDES; s++)
        machine_write_code(side[s], p->init.r[15], hw, 2 * written);
    r->error[0] = machine_run(side[0], &p->init, end, &r->out[0]);
    if (r->error[0] != NULL)
        return DISCARDED;
    enum outcome outcome = SAME;
    for (int s = 1; s < SIDES; s++) {
        r->error[s] = machine_run(side[s], &p->init, end, &r->out[s]);
        if (r->error[s] != NULL)
            machine_reset(side[s]);
        if (r->error[s] != NULL || !state_equal(&r->out[0], &r->out[s]) || !same_data(s))
            outcome = DIFFERENT;
    }
    return outcome;
}

/*
 * Once more, with the memory as it was: quickly, in another slot; or in the same one, which is
 * slow. Most of what differs does so at any address.
 */
static enum outcome try_units(struct program *p, uint32_t use, struct result *r)
{
    static unsigned slot;
    if (same_slot) {
        clear_code();
        restore_memory();
        return run_units(p, use, r);
    }
    if (slot == 0 || slot == SLOTS) {
        clear_code();
        slot = FIRST_SLOT + BATCH;
    }
    restore_memory();
    p->init.r[15] = slot_address(slot++) + p->init.r[15] % PAGE;
    return run_units(p, use, r);
}

/*
 * Cuts p down. First to the last unit alone, with the state that Unicorn had in front of it; then,
 * if it takes more than one unit, by leaving out every unit that is not needed.
 */
static uint32_t minimise(struct program *p)
{
    struct result r;
    uint32_t all = (uint32_t)((1ull << p->units) - 1);
    if (p->unit[p->units - 1].back && try_units(p, all >> 1, &r) == DIFFERENT)
        all >>= 1;
    for (unsigned k = 0; k < p->units && (all >> k & 1); k++) {
        uint32_t upto = (uint32_t)((2ull << k) - 1);
        if (try_units(p, upto, &r) != DIFFERENT)
            continue;
        struct program alone = *p;
        uint8_t *saved = malloc(DATA_SIZE);
        if (saved == NULL)
            abort();
        memcpy(saved, before, DATA_SIZE);
        if (k > 0 && try_units(p, upto >> 1, &r) == SAME) {
            uint32_t pc = p->init.r[15];
            alone.init = r.out[0];
            alone.init.r[15] = pc;
            memcpy(before, machine_data(side[0]), DATA_SIZE);
        }
        if (try_units(&alone, 1u << k, &r) == DIFFERENT) {
            *p = alone;
            free(saved);
            return 1u << k;
        }
        memcpy(before, saved, DATA_SIZE);
        free(saved);
        all = upto;
        break;
    }
    for (unsigned k = 0; k < p->units; k++) {
        uint32_t less = all & ~(1u << k);
        if (less != all && less != 0 && try_units(p, less, &r) == DIFFERENT)
            all = less;
    }
    return all;
}

/* Prints the program as the toolchain's disassembler shows it, if there is one. */
static void disassemble(const uint16_t *hw, unsigned len, uint32_t addr)
{
    char name[] = "/tmp/differ-XXXXXX";
    int fd = mkstemp(name);
    if (fd < 0)
        return;
    FILE *f = fdopen(fd, "w");
    if (f == NULL)
        return;
    fprintf(f, ".syntax unified\n.cpu cortex-m7\n.fpu fpv5-d16\n.thumb\n");
    for (unsigned i = 0; i < len; i++) {
        bool wide = hw[i] >= 0xE800 && i + 1 < len;
        if (wide)
            fprintf(f, ".inst.w 0x%04x%04x\n", hw[i], hw[i + 1]);
        else
            fprintf(f, ".inst.n 0x%04x\n", hw[i]);
        i += wide;
    }
    fclose(f);
    char command[300];
    snprintf(command, sizeof command,
             "arm-none-eabi-as -o %s.o %s 2>/dev/null && arm-none-eabi-objdump -d "
             "--adjust-vma=0x%" PRIx32 " %s.o 2>/dev/null | sed -n 's/^ /#   /p'",
             name, name, addr, name);
    fflush(stdout);
    FILE *out = popen(command, "r");
    if (out != NULL) {
        char line[200];
        while (fgets(line, sizeof line, out) != NULL)
            fputs(line, stdout);
        pclose(out);
    }
    unlink(name);
    char object[sizeof name + 2];
    snprintf(object, sizeof object, "%s.o", name);
    unlink(object);
}

/* Whether all that differs is one instruction that Unicorn is known to get wrong. */
static bool unicorns_fault(struct program *p, uint32_t use)
{
    struct result r;
    uint16_t hw[PROGRAM_MAX_HW + 1];
    unsigned len = program_layout(p, use, hw);
    const struct unicorn_fault *fault = unicorn_fault_of(hw);
    if (fault == NULL || fault->repair == NULL || len != (hw[0] >= 0xE800 ? 2 : 1) ||
        try_units(p, use, &r) != DIFFERENT)
        return false;
    fault->repair(unicorn_fault_code(hw), &p->init, &r.out[0]);
    for (int s = 1; s < SIDES; s++) {
        if (r.error[s] != NULL || !state_equal(&r.out[0], &r.out[s]) || !same_data(s))
            return false;
    }
    seen[fault - unicorn_faults]++;
    return true;
}

static void print_difference(struct program *p, uint32_t use, enum flavour flavour, uint64_t number)
{
    struct result r;
    uint16_t hw[PROGRAM_MAX_HW + 1];
    unsigned len = program_layout(p, use, hw);
    const struct insn_row *row = decode_row(hw);
    const char *name = row == NULL ? "(program)" : row->name;
    unsigned t = 0;
    while (tally[t].name != NULL && strcmp(tally[t].name, name) != 0)
        t++;
    tally[t].name = name;
    bool first = tally[t].count++ == 0;
    if (!first || printed >= MAX_PRINTED)
        return;
    printed++;
    try_units(p, use, &r);
    printf("# difference: --seed %" PRIu64 " --flavour %s --program %" PRIu64 "; %s\n", seed,
           flavour_names[flavour], number, name);
    printf("#  ");
    for (unsigned i = 0; i < len; i++)
        printf(" %04x", hw[i]);
    printf("\n");
    disassemble(hw, len, p->init.r[15]);
    state_print(stdout, "before", &p->init);
    for (int s = 1; s < SIDES; s++) {
        printf("# %s against unicorn:\n", machine_name(side[s]));
        if (r.error[s] != NULL)
            printf("#   %s\n", r.error[s]);
        state_print_diff(stdout, "unicorn", &r.out[0], machine_name(side[s]), &r.out[s]);
        const uint8_t *a = machine_data(side[0]), *b = machine_data(side[s]);
        unsigned shown = 0;
        for (uint32_t i = 0; i < DATA_SIZE && shown < 16; i++) {
            if (a[i] != b[i]) {
                printf("#   [%08x] unicorn %02x  %s %02x  before %02x\n", DATA_BASE + i, a[i],
                       machine_name(side[s]), b[i], before[i]);
                shown++;
            }
        }
    }
    fflush(stdout);
}

/* False if the difference is Unicorn's fault. */
static bool report(struct program *p, enum flavour flavour, uint64_t number)
{
    struct program whole = *p;
    uint8_t *saved = malloc(DATA_SIZE);
    if (saved == NULL)
        abort();
    memcpy(saved, before, DATA_SIZE);
    uint32_t use = minimise(p);
    bool known = unicorns_fault(p, use);
    if (!known) {
        *p = whole;
        memcpy(before, saved, DATA_SIZE);
        same_slot = true;
        use = minimise(p);
        known = unicorns_fault(p, use);
    }
    free(saved);
    if (!known)
        print_difference(p, use, flavour, number);
    same_slot = false;
    return !known;
}

/* The program that runs, for crashed(). */
static char running[80];

/* The core touched what is not the guest's (machine.c, map_data()), or worse. */
static void crashed(int signal_number)
{
    ssize_t n = write(STDOUT_FILENO, running, strlen(running));
    (void)n;
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* One program; true if all sides agree. Counts programs that Unicorn could not run. */
static bool run_program(enum flavour flavour, uint64_t number, unsigned *discarded)
{
    static const unsigned lengths[] = {1, 2, 4, 8, 20};
    struct rng g = {seed * 0x2545F4914F6CDD1Du + number * FLAVOURS + flavour};
    struct program p;
    struct result r;
    rng_next(&g);
    if (number % BATCH == 0)
        fill_memory(&g);
    program_random(&p, &g, flavour, lengths[rng_below(&g, 5)]);
    snprintf(running, sizeof running,
             "# crashed: --seed %" PRIu64 " --flavour %s --program %" PRIu64 "\n", seed,
             flavour_names[flavour], number);
    p.init.r[15] += slot_address(FIRST_SLOT + (unsigned)(number % BATCH));
    uint32_t all = (uint32_t)((1ull << p.units) - 1);
    bool different;
    uint64_t start = machine_instructions(side[1]);
    switch (run_units(&p, all, &r)) {
    case SAME:
        compared += machine_instructions(side[1]) - start;
        memcpy(before, machine_data(side[0]), DATA_SIZE);
        return true;
    case DISCARDED:
        if ((*discarded)++ < 3 && number >= report_from) {
            uint16_t hw[PROGRAM_MAX_HW + 1];
            unsigned len = program_layout(&p, all, hw);
            printf("# discarded: --seed %" PRIu64 " --flavour %s --program %" PRIu64
                   "; unicorn: %s\n",
                   seed, flavour_names[flavour], number, r.error[0]);
            disassemble(hw, len, p.init.r[15]);
        }
        restore_memory();
        return true;
    default:
        different = number < report_from || report(&p, flavour, number);
        restore_memory();
        return !different;
    }
}

static void list_encodings(void)
{
    struct rng g = {seed};
    const struct reserved reserved[] = {{1, 2, 3, 16}, {6, 5, 4, 7}, {8, 12, 10, 0}, {0, 7, 2, 4}};
    for (size_t i = 0; i < insn_count(); i++) {
        const struct insn_row *row = insn_at(i);
        unsigned made = 0;
        for (int k = 0; k < 24; k++) {
            uint16_t hw[2];
            unsigned n = encode_random(row, &reserved[k % 4], &g, hw);
            if (n == 1)
                printf("%s\t%s\t.inst.n 0x%04x\n", row->name, row->mnem, hw[0]);
            else if (n == 2)
                printf("%s\t%s\t.inst.w 0x%04x%04x\n", row->name, row->mnem, hw[0], hw[1]);
            made += n != 0;
        }
        if (made == 0)
            printf("%s\t%s\tnone\n", row->name, row->mnem);
    }
}

/* Whether the examples give what unicorn_faults.c says. */
static bool run_examples(void)
{
    static struct program p;
    bool good = true;
    for (size_t i = 0; i < unicorn_fault_count; i++) {
        const struct unicorn_fault *fault = &unicorn_faults[i];
        if (fault->example.len == 0)
            continue;
        struct result r;
        memset(&p, 0, sizeof p);
        p.units = 1;
        p.unit[0].len = fault->example.len;
        memcpy(p.unit[0].hw, fault->example.hw, 2u * fault->example.len);
        try_units(&p, 1, &r);
        for (int s = 0; s < SIDES; s++) {
            uint32_t expected = s == 0 ? fault->example.unicorn_r0 : fault->example.manual_r0;
            if (r.error[s] == NULL && r.out[s].r[0] == expected)
                continue;
            printf("# %s, %s: R0 %08x, expected %08x; %s\n", fault->name, machine_name(side[s]),
                   r.out[s].r[0], expected, r.error[s] == NULL ? "" : r.error[s]);
            good = false;
        }
        seen[i]++;
    }
    return good;
}

/* Encodings on standard input, one a line, four or eight hexadecimal digits: prints what our core
   makes of each. */
static void judge(void)
{
    struct machine *m = machine_new(MACHINE_STEP);
    struct state in;
    memset(&in, 0, sizeof in);
    for (int i = 0; i < 15; i++)
        in.r[i] = DATA_BASE + DATA_HALF / 2;
    char line[32];
    for (unsigned n = 0; fgets(line, sizeof line, stdin) != NULL; n++) {
        uint32_t code = (uint32_t)strtoul(line, NULL, 16);
        bool wide = strcspn(line, "\n") > 4;
        const uint16_t hw[3] = {(uint16_t)(wide ? code >> 16 : code),
                                (uint16_t)(wide ? code : 0xBF00), 0xBF00};
        in.r[15] = slot_address(FIRST_SLOT + n % BATCH) + n % PAGE / 2 * 2;
        machine_write_code(m, in.r[15], hw, sizeof hw);
        printf("%s\n", machine_judge(m, &in));
    }
    machine_free(m);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct job {
    uint64_t count;
    double seconds;
    int flavour; /* -1: all */
    int64_t program;
};

/* Runs one flavour; true if no program differed. */
static bool run_flavour(enum flavour flavour, const struct job *job, uint64_t share)
{
    machine_double_precision(side[0], flavour == FLAVOUR_DP);
    unsigned failures = 0, discarded = 0;
    uint64_t number = 0;
    compared = 0;
    double until = now() + job->seconds;
    while (failures < MAX_FAILURES) {
        if (job->seconds > 0 ? now() > until : compared >= share)
            break;
        failures += !run_program(flavour, number++, &discarded);
    }
    printf("# %s: %" PRIu64 " programs, %" PRIu64
           " instructions compared, %u programs differ, %u discarded\n",
           flavour_names[flavour], number, compared, failures, discarded);
    /* programs are made so that they run; a generator that errs must show */
    return failures == 0 && discarded * 1000ull <= number;
}

/* With all flavours: every row of the table has been in programs often enough. */
static bool check_coverage(unsigned test)
{
    enum { ENOUGH = 20 };
    size_t rare = 0;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < insn_count(); i++) {
        if (program_rows_made[i] < least)
            least = program_rows_made[i];
        if (program_rows_made[i] >= ENOUGH)
            continue;
        rare++;
        printf("# rare: %s, made %" PRIu64 " times\n", insn_at(i)->name, program_rows_made[i]);
    }
    printf("%sok %u - all %zu encodings of the table are in the programs, each %" PRIu64
           " times or more\n",
           rare == 0 ? "" : "not ", test, insn_count(), least);
    return rare == 0;
}

static int run_all(const struct job *job)
{
    bool good = true;
    for (int s = 0; s < SIDES; s++)
        side[s] = machine_new((enum machine_kind)s);
    before = malloc(DATA_SIZE);
    if (before == NULL)
        abort();
    unsigned tests = job->flavour < 0 ? FLAVOURS : 1, test = 0;
    printf("1..%u\n", tests + (job->flavour < 0 ? 2 : 1));
    for (int f = 0; f < FLAVOURS; f++) {
        if (job->flavour >= 0 && f != job->flavour)
            continue;
        struct job part = *job;
        part.seconds /= tests;
        bool ok = false;
        if (job->program >= 0) {
            uint64_t number = (uint64_t)job->program;
            machine_double_precision(side[0], f == FLAVOUR_DP);
            for (uint64_t n = number - number % BATCH; n <= number; n++) {
                unsigned discarded = 0;
                report_from = number;
                ok = run_program((enum flavour)f, n, &discarded);
            }
        } else {
            ok = run_flavour((enum flavour)f, &part, job->count / tests);
        }
        printf("%sok %u - %s programs agree with Unicorn, seed %" PRIu64 "\n", ok ? "" : "not ",
               ++test, flavour_names[f], seed);
        fflush(stdout);
        good = good && ok;
    }
    for (unsigned t = 0; t < MAX_FAILURES && tally[t].name != NULL; t++)
        printf("# differs: %s (%u)\n", tally[t].name, tally[t].count);
    if (job->flavour < 0)
        good = check_coverage(++test) && good;
    bool as_listed = run_examples();
    for (size_t i = 0; i < unicorn_fault_count && job->flavour < 0; i++)
        as_listed = as_listed && seen[i] > 0;
    printf("%sok %u - Unicorn's faults are as listed\n", as_listed ? "" : "not ", ++test);
    good = good && as_listed;
    for (size_t i = 0; i < unicorn_fault_count; i++)
        printf("# Unicorn's fault %" PRIu64 " times: %s\n", seen[i], unicorn_faults[i].name);
    for (int s = 0; s < SIDES; s++)
        machine_free(side[s]);
    free(before);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct job job = {.count = 200000, .flavour = -1, .program = -1};
#ifndef __SANITIZE_ADDRESS__ /* which has more to say */
    signal(SIGSEGV, crashed);
#else
    (void)crashed;
#endif
    static const struct option options[] = {
        {"count", required_argument, NULL, 'c'},
        {"seconds", required_argument, NULL, 't'},
        {"seed", required_argument, NULL, 's'},
        {"flavour", required_argument, NULL, 'f'},
        {"program", required_argument, NULL, 'p'},
        {"list-encodings", no_argument, NULL, 'l'},
        {"list-faults", no_argument, NULL, 'u'},
        {"judge", no_argument, NULL, 'j'},
        {0},
    };
    int opt;
    bool list = false, judge_input = false;
    while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (opt) {
        case 'c':
            job.count = strtoull(optarg, NULL, 0);
            break;
        case 't':
            job.seconds = strtod(optarg, NULL);
            break;
        case 's':
            seed = strtoull(optarg, NULL, 0);
            break;
        case 'p':
            job.program = strtoll(optarg, NULL, 0);
            break;
        case 'f':
            for (int f = 0; f < FLAVOURS; f++) {
                if (strcmp(optarg, flavour_names[f]) == 0)
                    job.flavour = f;
            }
            if (job.flavour < 0) {
                fprintf(stderr, "differ: no flavour '%s'\n", optarg);
                return 2;
            }
            break;
        case 'l':
            list = true;
            break;
        case 'j':
            judge_input = true;
            break;
        case 'u':
            for (size_t i = 0; i < unicorn_fault_count; i++)
                printf("%s\n  manual:  %s\n  Unicorn: %s\n", unicorn_faults[i].name,
                       unicorn_faults[i].manual, unicorn_faults[i].unicorn);
            return 0;
        default:
            return 2;
        }
    }
    if (judge_input) {
        judge();
        return 0;
    }
    if (list) {
        list_encodings();
        return 0;
    }
    return run_all(&job);
}
