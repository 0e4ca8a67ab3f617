/* SPDX-License-Identifier: MIT */

/*
 * Bring-up, indirect access and mapping. Command codes and line counts: command tables of the
 * ESP-PSRAM64H, LY68L6400 and IPS6404L datasheets, which agree.
 */
#include "spiram.h"

#include <string.h>

/* name {code, command lines, address lines, wait clocks, data lines} */
static const struct spiram_command spi_read = {0x03, 1, 1, 0, 1};
static const struct spiram_command spi_write = {0x02, 1, 1, 0, 1};
static const struct spiram_command spi_read_id = {0x9F, 1, 1, 0, 1};
static const struct spiram_command spi_enter_qpi = {0x35, 1, 0, 0, 0};
static const struct spiram_command spi_reset_enable = {0x66, 1, 0, 0, 0};
static const struct spiram_command spi_reset = {0x99, 1, 0, 0, 0};
static const struct spiram_command qpi_reset_enable = {0x66, 4, 0, 0, 0};
static const struct spiram_command qpi_reset = {0x99, 4, 0, 0, 0};
const struct spiram_command spiram_qpi_write = {0x38, 4, 4, 0, 4};

#define CODE_FAST_READ_QUAD 0xEB

/* 0x9F Read ID: layout of the answer. */
#define ID_MAKER          0
#define ID_KGD            1
#define ID_EID            2
#define MAKER_AP_MEMORY   0x0D
#define KGD_PASS          0x5D
#define KGD_FAIL          0x55
#define EID_DENSITY_SHIFT 5    /* EID[47:45] */
#define EID_TRIAL_64MBIT  0x26 /* first EID byte of trial parts (ESP-IDF, esp_psram) */
#define DENSITY_0_BYTES   (UINT32_C(16) * 1024 * 1024 / 8) /* code 0 = 16 Mbit, each step doubles */
/* 128 Mbit, all that an address of 24 bits can reach. The data sheets print codes up to 2; the
 * memory test's walk over the address bits shows whether it is true. */
#define DENSITY_LAST 3

#define LINES 4

/*
 * Each line carries both levels in both halves of a byte, next to each combination of neighbours:
 * a line that is stuck, open or shorted to another one shows.
 */
static const uint8_t line_pattern[8] = {0x12, 0x48, 0xED, 0xB7, 0x0F, 0xF0, 0x5A, 0xA5};

struct spiram_command spiram_qpi_read(const struct spiram_chip *chip)
{
    return (struct spiram_command){CODE_FAST_READ_QUAD, 4, 4, chip->quad_read_wait, 4};
}

const char *spiram_strerror(int error)
{
    switch (error) {
    case SPIRAM_OK:
        return "no error";
    case SPIRAM_ERR_PARAM:
        return "bad parameter";
    case SPIRAM_ERR_STATE:
        return "not possible in this state";
    case SPIRAM_ERR_BUS:
        return "bus controller error";
    case SPIRAM_ERR_TIMEOUT:
        return "bus controller timeout";
    case SPIRAM_ERR_NO_CHIP:
        return "no chip found";
    case SPIRAM_ERR_NOISE:
        return "id reads differ, bad connection";
    case SPIRAM_ERR_ID:
        return "unknown chip id";
    case SPIRAM_ERR_KGD:
        return "chip reports failed die";
    case SPIRAM_ERR_DENSITY:
        return "unknown chip size";
    case SPIRAM_ERR_QPI:
        return "one-line mode works, four-line mode does not, check IO2 and IO3";
    case SPIRAM_ERR_TIMING:
        return "no timing satisfies the chip";
    case SPIRAM_ERR_SPEED:
        return "data wrong at the working clock";
    case SPIRAM_ERR_MEMORY:
        return "memory test failed";
    case SPIRAM_ERR_MODE:
        return "all lines carry data, but the chip does not work in four-line mode";
    case SPIRAM_ERR_RANDOM:
        return "errors without pattern, bad connection";
    case SPIRAM_ERR_STOPPED:
        return "stopped";
    default:
        return "unknown error";
    }
}

static int run(const struct spiram *ram, const struct spiram_frame *frame)
{
    return ram->bus->transfer(ram->bus->context, frame);
}

static int run_command(const struct spiram *ram, const struct spiram_command *command)
{
    struct spiram_frame frame = {.command = command};
    return run(ram, &frame);
}

static int run_read(const struct spiram *ram, const struct spiram_command *command,
                    uint32_t address, uint8_t *rx, size_t length)
{
    struct spiram_frame frame = {
        .command = command, .address = address, .rx = rx, .length = length};
    return run(ram, &frame);
}

static int run_write(const struct spiram *ram, const struct spiram_command *command,
                     uint32_t address, const uint8_t *tx, size_t length)
{
    struct spiram_frame frame = {
        .command = command, .address = address, .tx = tx, .length = length};
    return run(ram, &frame);
}

/* Sets the highest clock that the bus can make and that is not above max_hz, and its timing. */
static int set_clock(struct spiram *ram, uint32_t max_hz)
{
    const struct spiram_bus *bus = ram->bus;
    struct spiram_timing timing;
    int error = spiram_timing(&timing, &ram->chip, &bus->limits,
                              bus->nearest_clock(bus->context, max_hz), ram->waive);
    if (error != SPIRAM_OK) {
        return error;
    }
    error = bus->configure(bus->context, &timing);
    if (error == SPIRAM_OK) {
        ram->timing = timing;
    }
    return error;
}

/*
 * The chip keeps its mode over a reset of the microcontroller, so it may be in either. In QPI mode
 * it takes the first pair and is in SPI mode for the second; in SPI mode the first pair is two
 * frames of two clocks, too short for a command. Nothing may come between 0x66 and 0x99. Linear
 * burst is restored as well, should an earlier program have toggled it with 0xC0.
 */
static int reset_chip(const struct spiram *ram)
{
    static const struct spiram_command *const sequence[] = {&qpi_reset_enable, &qpi_reset,
                                                            &spi_reset_enable, &spi_reset};

    for (size_t n = 0; n < sizeof sequence / sizeof sequence[0]; n++) {
        int error = run_command(ram, sequence[n]);
        if (error != SPIRAM_OK) {
            return error;
        }
    }
    /* No data sheet gives a time from reset to ready. The time after power-up covers more than a
     * reset can ask for. */
    ram->bus->delay_us(ram->bus->context, ram->chip.power_up_us);
    return SPIRAM_OK;
}

static bool all_equal(const uint8_t *bytes, size_t length, uint8_t value)
{
    for (size_t n = 0; n < length; n++) {
        if (bytes[n] != value) {
            return false;
        }
    }
    return true;
}

int spiram_decode_id(struct spiram_id *id, const uint8_t bytes[8])
{
    *id = (struct spiram_id){.maker = bytes[ID_MAKER],
                             .kgd = bytes[ID_KGD],
                             .density = bytes[ID_EID] >> EID_DENSITY_SHIFT};
    memcpy(id->eid, bytes, sizeof id->eid);

    /* An open or shorted SO line reads as one level. */
    if (all_equal(bytes, sizeof id->eid, 0x00) || all_equal(bytes, sizeof id->eid, 0xFF)) {
        return SPIRAM_ERR_NO_CHIP;
    }
    if (id->maker != MAKER_AP_MEMORY) {
        return SPIRAM_ERR_ID;
    }
    if (id->kgd != KGD_PASS) {
        return id->kgd == KGD_FAIL ? SPIRAM_ERR_KGD : SPIRAM_ERR_ID;
    }
    if (id->density > DENSITY_LAST) {
        return SPIRAM_ERR_DENSITY;
    }
    id->size = DENSITY_0_BYTES << id->density;
    id->may_be_trial_sample = bytes[ID_EID] == EID_TRIAL_64MBIT;
    return SPIRAM_OK;
}

/* Two reads: an ID that is right by luck should not be believed. */
static int read_id(struct spiram *ram)
{
    uint8_t first[sizeof ram->id.eid] = {0};
    uint8_t second[sizeof ram->id.eid] = {0};

    int error = run_read(ram, &spi_read_id, 0, first, sizeof first);
    if (error == SPIRAM_OK) {
        error = run_read(ram, &spi_read_id, 0, second, sizeof second);
    }
    if (error != SPIRAM_OK) {
        return error;
    }
    error = spiram_decode_id(&ram->id, first);
    if (memcmp(first, second, sizeof first) != 0) {
        ram->id.size = 0;
        return SPIRAM_ERR_NOISE;
    }
    return error;
}

/* Bit n of the result: line IOn carried something else than was sent. */
static uint8_t lines_that_differ(const uint8_t *sent, const uint8_t *got, size_t length)
{
    uint8_t lines = 0;
    for (size_t n = 0; n < length; n++) {
        uint8_t wrong = sent[n] ^ got[n];
        lines |= wrong >> LINES | (wrong & ((1U << LINES) - 1));
    }
    return lines;
}

/* All bytes of a frame are the same: bad address bits within it do not show. */
static int check_qpi_byte(const struct spiram *ram, uint32_t address, uint8_t value, bool *same)
{
    struct spiram_command qpi_read = spiram_qpi_read(&ram->chip);
    uint8_t sent[sizeof line_pattern];
    uint8_t inverse[sizeof line_pattern];
    uint8_t got[sizeof line_pattern] = {0};
    memset(sent, value, sizeof sent);
    memset(inverse, (uint8_t)~value, sizeof inverse);

    /* The first write makes sure that what is read back was not there before. */
    int error = run_write(ram, &spiram_qpi_write, address, inverse, sizeof inverse);
    if (error == SPIRAM_OK) {
        error = run_write(ram, &spiram_qpi_write, address, sent, sizeof sent);
    }
    if (error == SPIRAM_OK) {
        error = run_read(ram, &qpi_read, address, got, sizeof got);
    }
    *same = memcmp(sent, got, sizeof sent) == 0;
    return error;
}

/*
 * Does the chip answer in QPI mode? One place out of four is enough: a bad cell or address bit is
 * for the memory test to name. Returns 0, a bus error, or SPIRAM_ERR_MODE.
 */
static int check_qpi(const struct spiram *ram)
{
    for (uint32_t quarter = 0; quarter < 4; quarter++) {
        bool same = true;
        for (size_t n = 0; n < sizeof line_pattern && same; n++) {
            int error = check_qpi_byte(ram, ram->id.size / 4 * quarter, line_pattern[n], &same);
            if (error != SPIRAM_OK) {
                return error;
            }
        }
        if (same) {
            return SPIRAM_OK;
        }
    }
    return SPIRAM_ERR_MODE;
}

/*
 * Which lines are dead? Asked in SPI mode, where commands need IO0 and IO1 only, and before QPI
 * mode is entered: with IO2 or IO3 dead the chip could not be told to leave it, because all
 * commands that do (0xF5, 0x66) have ones on both lines. Only power-off would help.
 *
 * The pattern is written and read back on one line, then read on four. A line at a wrong level
 * spoils the four-line address as well, so the pattern is laid wherever address 0 may end up with
 * IO2, IO3 or both stuck high. Bad cells do no harm: four lines are compared with one, not with
 * what was written.
 */
static int compare_lines(struct spiram *ram)
{
    const uint32_t every_nibble = 0x111111;
    const struct spiram_command spi_quad_read = {CODE_FAST_READ_QUAD, 1, 4,
                                                 ram->chip.quad_read_wait, 4};
    int error = SPIRAM_OK;

    for (uint32_t stuck = 0; stuck < 1U << LINES && error == SPIRAM_OK; stuck += 1U << 2) {
        uint32_t address = every_nibble * stuck & (ram->id.size - 1);
        error = run_write(ram, &spi_write, address, line_pattern, sizeof line_pattern);
    }
    if (error == SPIRAM_OK) {
        error = run_read(ram, &spi_read, 0, ram->line_sent, sizeof ram->line_sent);
    }
    if (error == SPIRAM_OK) {
        error = run_read(ram, &spi_quad_read, 0, ram->line_got, sizeof ram->line_got);
    }
    if (error == SPIRAM_OK) {
        ram->bad_lines = lines_that_differ(ram->line_sent, ram->line_got, sizeof ram->line_sent);
    }
    return error;
}

/* A line is blamed only if it is wrong each time in the same way; no line is, if a second look
 * finds nothing. */
static int find_bad_lines(struct spiram *ram)
{
    uint8_t first[sizeof ram->line_got];
    int error = compare_lines(ram);
    bool clean = ram->bad_lines == 0;
    memcpy(first, ram->line_got, sizeof first);
    for (unsigned again = 0; error == SPIRAM_OK && !clean && again < 3; again++) {
        error = compare_lines(ram);
        if (error == SPIRAM_OK && memcmp(first, ram->line_got, sizeof first) != 0) {
            ram->bad_lines = 0;
            return SPIRAM_ERR_RANDOM;
        }
    }
    if (error != SPIRAM_OK) {
        return error;
    }
    return clean ? SPIRAM_OK : SPIRAM_ERR_QPI;
}

/* From a chip in SPI mode with a known ID to one in QPI mode that is known to listen. */
static int enter_qpi(struct spiram *ram)
{
    int error = find_bad_lines(ram);
    if (error == SPIRAM_OK) {
        error = run_command(ram, &spi_enter_qpi);
    }
    return error == SPIRAM_OK ? check_qpi(ram) : error;
}

#define PROBE_LOG2_FIRST 20 /* 1 MB */
#define PROBE_PLACES     5  /* 0, 1 MB, 2 MB, 4 MB, 8 MB */

static uint32_t probe_address(unsigned place)
{
    return place == 0 ? 0 : UINT32_C(1) << (PROBE_LOG2_FIRST + place - 1);
}

/*
 * Each place gets a mark of its own, 0 the last one: what lies beyond the end then reads as 0's.
 * The inverse marks of a second round keep what was there before from passing for an answer.
 */
static int probe(const struct spiram *ram, uint32_t *bytes)
{
    const struct spiram_command qpi_read = spiram_qpi_read(&ram->chip);
    uint32_t found[2] = {0};

    for (unsigned round = 0; round < 2; round++) {
        uint8_t invert = round == 0 ? 0x00 : 0xFF;
        uint8_t mark0 = 0x87 ^ invert;
        uint8_t got = 0;
        for (unsigned place = PROBE_PLACES; place-- > 0;) {
            uint8_t mark = (uint8_t)((0x11 * place) ^ 0x87 ^ invert);
            int error = run_write(ram, &spiram_qpi_write, probe_address(place), &mark, 1);
            if (error != SPIRAM_OK) {
                return error;
            }
        }
        found[round] = UINT32_C(1) << (PROBE_LOG2_FIRST + PROBE_PLACES - 1);
        for (unsigned place = PROBE_PLACES; place-- > 0;) {
            int error = run_read(ram, &qpi_read, probe_address(place), &got, 1);
            if (error != SPIRAM_OK) {
                return error;
            }
            if (place > 0 && got == mark0) {
                found[round] = probe_address(place);
            } else if (got != (uint8_t)((0x11 * place) ^ mark0)) {
                return SPIRAM_ERR_RANDOM;
            }
        }
    }
    if (found[0] != found[1]) {
        return SPIRAM_ERR_RANDOM;
    }
    *bytes = found[0];
    return SPIRAM_OK;
}

int spiram_probe_size(struct spiram *ram, uint32_t *bytes)
{
    if (ram == NULL || bytes == NULL) {
        return SPIRAM_ERR_PARAM;
    }
    return ram->state == SPIRAM_STATE_READY ? probe(ram, bytes) : SPIRAM_ERR_STATE;
}

/*
 * Where the ID leaves a doubt, the smaller size holds unless the chip proves to have more. The ID
 * never makes a chip larger than the board's configuration says.
 */
static int settle_size(struct spiram *ram)
{
    if (ram->id.may_be_trial_sample) {
        uint32_t bytes = 0;
        int error = probe(ram, &bytes);
        if (error != SPIRAM_OK && error != SPIRAM_ERR_RANDOM) {
            return error;
        }
        if (error == SPIRAM_OK && bytes >= 2 * ram->id.size) {
            ram->id.size *= 2;
        }
    }
    if (ram->chip.size != 0 && ram->chip.size < ram->id.size) {
        ram->id.size = ram->chip.size;
    }
    return SPIRAM_OK;
}

static bool bus_is_complete(const struct spiram_bus *bus)
{
    return bus->nearest_clock != NULL && bus->configure != NULL && bus->transfer != NULL &&
           bus->map != NULL && bus->unmap != NULL && bus->sync != NULL && bus->delay_us != NULL &&
           bus->limits.frame_bytes >= sizeof line_pattern && bus->limits.stall_bytes > 0;
}

static uint32_t lower(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

int spiram_init(struct spiram *ram, const struct spiram_config *config)
{
    if (ram == NULL || config == NULL || config->bus == NULL || !bus_is_complete(config->bus)) {
        return SPIRAM_ERR_PARAM;
    }

    *ram = (struct spiram){.bus = config->bus, .waive = config->waive};
    if (config->chip != NULL) {
        ram->chip = *config->chip;
    } else {
        spiram_chip_worst(&ram->chip);
    }

    uint32_t working_hz = spiram_max_clock(&ram->chip, &ram->bus->limits, ram->waive);
    if (config->max_hz != 0) {
        working_hz = lower(working_hz, config->max_hz);
    }

    /* At the speed of the slowest command nothing can be too fast for the chip, whichever it is. */
    int error = set_clock(ram, lower(working_hz, ram->chip.max_slow_read_hz));
    if (error != SPIRAM_OK) {
        return error;
    }
    ram->bus->delay_us(ram->bus->context, ram->chip.power_up_us);

    error = reset_chip(ram);
    if (error == SPIRAM_OK) {
        error = read_id(ram);
    }
    if (error == SPIRAM_OK) {
        error = enter_qpi(ram);
    }
    if (error == SPIRAM_OK) {
        error = settle_size(ram);
    }
    if (error == SPIRAM_OK) {
        error = set_clock(ram, working_hz);
    }
    if (error == SPIRAM_OK) {
        error = check_qpi(ram);
        error = error == SPIRAM_ERR_MODE ? SPIRAM_ERR_SPEED : error;
    }
    if (error != SPIRAM_OK) {
        return error;
    }
    ram->state = SPIRAM_STATE_READY;
    return SPIRAM_OK;
}

int spiram_map(struct spiram *ram)
{
    if (ram == NULL || ram->state != SPIRAM_STATE_READY) {
        return ram == NULL ? SPIRAM_ERR_PARAM : SPIRAM_ERR_STATE;
    }
    struct spiram_command qpi_read = spiram_qpi_read(&ram->chip);
    volatile void *window = NULL;
    int error =
        ram->bus->map(ram->bus->context, &qpi_read, &spiram_qpi_write, ram->id.size, &window);
    if (error != SPIRAM_OK) {
        return error;
    }
    ram->window = window;
    ram->state = SPIRAM_STATE_MAPPED;
    return SPIRAM_OK;
}

int spiram_unmap(struct spiram *ram)
{
    if (ram == NULL || ram->state != SPIRAM_STATE_MAPPED) {
        return ram == NULL ? SPIRAM_ERR_PARAM : SPIRAM_ERR_STATE;
    }
    int error = ram->bus->unmap(ram->bus->context);
    if (error != SPIRAM_OK) {
        return error;
    }
    ram->window = NULL;
    ram->state = SPIRAM_STATE_READY;
    return SPIRAM_OK;
}

static bool range_in_chip(const struct spiram *ram, uint32_t address, size_t length)
{
    return length > 0 && address < ram->id.size && length <= ram->id.size - address;
}

/* Bytes of the next frame: whole range, frame limit, or up to the next page where that counts. */
static size_t frame_length(const struct spiram *ram, uint32_t address, size_t left)
{
    size_t length = left < ram->timing.frame_bytes ? left : ram->timing.frame_bytes;
    if (ram->timing.boundary_log2 != 0) {
        size_t page = (size_t)1 << ram->timing.boundary_log2;
        size_t to_boundary = page - (address & (page - 1));
        length = length < to_boundary ? length : to_boundary;
    }
    return length;
}

static int check_indirect(const struct spiram *ram, uint32_t address, const void *buffer,
                          size_t length)
{
    if (ram == NULL || buffer == NULL) {
        return SPIRAM_ERR_PARAM;
    }
    if (ram->state != SPIRAM_STATE_READY) {
        return SPIRAM_ERR_STATE;
    }
    return range_in_chip(ram, address, length) ? SPIRAM_OK : SPIRAM_ERR_PARAM;
}

int spiram_read(struct spiram *ram, uint32_t address, void *buffer, size_t length)
{
    uint8_t *next = buffer;
    int error = check_indirect(ram, address, buffer, length);
    if (error != SPIRAM_OK) {
        return error;
    }
    struct spiram_command qpi_read = spiram_qpi_read(&ram->chip);
    while (length > 0 && error == SPIRAM_OK) {
        size_t part = frame_length(ram, address, length);
        error = run_read(ram, &qpi_read, address, next, part);
        address += (uint32_t)part;
        next += part;
        length -= part;
    }
    return error;
}

int spiram_write(struct spiram *ram, uint32_t address, const void *buffer, size_t length)
{
    const uint8_t *next = buffer;
    int error = check_indirect(ram, address, buffer, length);
    while (length > 0 && error == SPIRAM_OK) {
        size_t part = frame_length(ram, address, length);
        error = run_write(ram, &spiram_qpi_write, address, next, part);
        address += (uint32_t)part;
        next += part;
        length -= part;
    }
    return error;
}

bool spiram_answers_on_one_line(const struct spiram *ram)
{
    uint8_t bytes[sizeof ram->id.eid] = {0};
    return ram != NULL && ram->state == SPIRAM_STATE_READY &&
           run_read(ram, &spi_read_id, 0, bytes, sizeof bytes) == SPIRAM_OK &&
           memcmp(bytes, ram->id.eid, sizeof bytes) == 0;
}

int spiram_sync(struct spiram *ram, uint32_t offset, uint32_t length)
{
    if (ram == NULL) {
        return SPIRAM_ERR_PARAM;
    }
    if (ram->state != SPIRAM_STATE_MAPPED) {
        return SPIRAM_ERR_STATE;
    }
    if (!range_in_chip(ram, offset, length)) {
        return SPIRAM_ERR_PARAM;
    }
    return ram->bus->sync(ram->bus->context, offset, length);
}

uint32_t spiram_size(const struct spiram *ram)
{
    return ram != NULL && ram->state != SPIRAM_STATE_OFF ? ram->id.size : 0;
}

uint32_t spiram_usable_size(const struct spiram *ram)
{
    uint32_t size = spiram_size(ram);
    return size > 0 ? size - ram->bus->limits.end_margin : 0;
}
