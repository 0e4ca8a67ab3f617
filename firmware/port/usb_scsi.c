/* SPDX-License-Identifier: MIT */

#include "usb_scsi.h"

#include <string.h>

#include "medium.h"

enum {
    TEST_UNIT_READY = 0x00,
    REQUEST_SENSE = 0x03,
    INQUIRY = 0x12,
    MODE_SENSE_6 = 0x1A,
    START_STOP_UNIT = 0x1B,
    PREVENT_ALLOW_REMOVAL = 0x1E,
    READ_FORMAT_CAPACITIES = 0x23, /* MMC; Windows asks for it */
    READ_CAPACITY_10 = 0x25,
    READ_10 = 0x28,
    WRITE_10 = 0x2A,
    VERIFY_10 = 0x2F,
    SYNCHRONIZE_CACHE_10 = 0x35,
    MODE_SENSE_10 = 0x5A,
};

/* Sense key, additional sense code, its qualifier (SPC-2, 7.23.2 and annex C). */
#define SENSE(key, code, qualifier) ((key) << 16 | (code) << 8 | (qualifier))
enum sense {
    NO_SENSE = 0,
    MEDIUM_NOT_PRESENT = SENSE(0x2, 0x3A, 0x00),
    WRITE_ERROR = SENSE(0x3, 0x0C, 0x00),
    READ_ERROR = SENSE(0x3, 0x11, 0x00),
    INVALID_OPERATION = SENSE(0x5, 0x20, 0x00),
    OUT_OF_RANGE = SENSE(0x5, 0x21, 0x00),
    INVALID_FIELD = SENSE(0x5, 0x24, 0x00),
    NO_SUCH_UNIT = SENSE(0x5, 0x25, 0x00),
    MAY_HAVE_CHANGED = SENSE(0x6, 0x28, 0x00),
    WRITE_PROTECTED = SENSE(0x7, 0x27, 0x00),
};

#define INQUIRY_BYTES      36u
#define SENSE_BYTES        18u
#define SENSE_CURRENT      0x70u
#define VERSION_SPC_2      4u
#define RESPONSE_FORMAT    2u
#define REMOVABLE          0x80u
#define MODE_WP            0x80u
#define PAGE_CACHING       0x08u
#define PAGE_CACHING_BYTES 20u
#define PAGE_ALL           0x3Fu
#define CACHING_WCE        0x04u
#define FORMATTED_MEDIUM   2u

static enum sense sense;

static bool fail(enum sense reason)
{
    sense = reason;
    return false;
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static void put_be32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 24);
    p[1] = (uint8_t)(value >> 16);
    p[2] = (uint8_t)(value >> 8);
    p[3] = (uint8_t)value;
}

/* The host gets no more than it has allocated. */
static bool answers(struct scsi_command *command, uint32_t bytes, uint32_t allocated)
{
    command->bytes = bytes < allocated ? bytes : allocated;
    command->to_host = true;
    return true;
}

static bool inquiry(const uint8_t *cdb, uint8_t *answer, struct scsi_command *command)
{
    /* Vendor, product, revision. */
    static const char names[][28 + 1] = {
        [MEDIUM_NONE] = "MicroPy                 1.00",
        [MEDIUM_FLASH] = "MicroPy Flash           1.00",
        [MEDIUM_SDCARD] = "MicroPy SD card         1.00",
    };

    if (cdb[1] != 0 || cdb[2] != 0) {
        return fail(INVALID_FIELD); /* no vital product data */
    }
    memset(answer, 0, INQUIRY_BYTES);
    answer[1] = REMOVABLE;
    answer[2] = VERSION_SPC_2;
    answer[3] = RESPONSE_FORMAT;
    answer[4] = INQUIRY_BYTES - 5;
    memcpy(&answer[8], names[medium_shown()], 28);
    return answers(command, INQUIRY_BYTES, be16(&cdb[3]));
}

static bool request_sense(const uint8_t *cdb, uint8_t *answer, struct scsi_command *command)
{
    if (sense == NO_SENSE && medium_pc_look() && medium_pc_changed()) {
        sense = MAY_HAVE_CHANGED;
    }
    memset(answer, 0, SENSE_BYTES);
    answer[0] = SENSE_CURRENT;
    answer[2] = (uint8_t)(sense >> 16);
    answer[7] = SENSE_BYTES - 8;
    answer[12] = (uint8_t)(sense >> 8);
    answer[13] = (uint8_t)sense;
    sense = NO_SENSE;
    return answers(command, SENSE_BYTES, cdb[4]);
}

/* A header, and the caching page: whether SYNCHRONIZE CACHE is worth while. */
static bool mode_sense(const uint8_t *cdb, uint8_t *answer, struct scsi_command *command)
{
    bool six = cdb[0] == MODE_SENSE_6;
    uint32_t header = six ? 4 : 8, page = cdb[2] & 0x3Fu;
    uint32_t bytes = header;

    if (page != 0 && page != PAGE_CACHING && page != PAGE_ALL) {
        return fail(INVALID_FIELD);
    }
    memset(answer, 0, SCSI_ANSWER_BYTES);
    if (page != 0) {
        answer[bytes] = PAGE_CACHING;
        answer[bytes + 1] = PAGE_CACHING_BYTES - 2;
        answer[bytes + 2] = medium_pc_caches() ? CACHING_WCE : 0;
        bytes += PAGE_CACHING_BYTES;
    }
    /* The length does not count itself. */
    answer[six ? 0 : 1] = (uint8_t)(bytes - (six ? 1 : 2));
    answer[six ? 2 : 3] = medium_pc_may_write() ? 0 : MODE_WP;
    return answers(command, bytes, six ? cdb[4] : be16(&cdb[7]));
}

static bool read_capacity(uint8_t *answer, struct scsi_command *command)
{
    put_be32(&answer[0], medium_pc_blocks() - 1);
    put_be32(&answer[4], MEDIUM_BLOCK_BYTES);
    return answers(command, 8, 8);
}

static bool read_format_capacities(const uint8_t *cdb, uint8_t *answer,
                                   struct scsi_command *command)
{
    memset(answer, 0, 12);
    answer[3] = 8;
    put_be32(&answer[4], medium_pc_blocks());
    put_be32(&answer[8], FORMATTED_MEDIUM << 24 | MEDIUM_BLOCK_BYTES);
    return answers(command, 12, be16(&cdb[7]));
}

/* Of READ, WRITE, VERIFY. */
static bool range(const uint8_t *cdb, struct scsi_command *command)
{
    uint32_t count = be16(&cdb[7]), blocks = medium_pc_blocks();

    command->block = be32(&cdb[2]);
    if (count > blocks || command->block > blocks - count) {
        return fail(OUT_OF_RANGE);
    }
    command->bytes = count * MEDIUM_BLOCK_BYTES;
    command->of_medium = true;
    return true;
}

static bool write_blocks(const uint8_t *cdb, struct scsi_command *command)
{
    if (!range(cdb, command)) {
        return false;
    }
    return medium_pc_may_write() || fail(WRITE_PROTECTED);
}

static bool verify(const uint8_t *cdb, struct scsi_command *command)
{
    if (cdb[1] & 0x02) {
        return fail(INVALID_FIELD); /* no comparison with data sent */
    }
    bool good = range(cdb, command);
    command->bytes = 0;
    return good;
}

static bool start_stop(const uint8_t *cdb)
{
    bool start = cdb[4] & 1, load_eject = cdb[4] & 2;

    /* Ejecting works whatever PREVENT said: it is the PC's own wish. */
    if (start) {
        medium_pc_insert();
    } else if (load_eject) {
        medium_pc_eject();
    } else {
        medium_pc_give_back();
    }
    return true;
}

static bool prevent_allow(const uint8_t *cdb, bool there)
{
    if (!(cdb[4] & 1)) {
        medium_pc_give_back();
    } else if (!there) {
        return fail(MEDIUM_NOT_PRESENT);
    } else {
        medium_pc_take();
    }
    return true;
}

static bool synchronize(void)
{
    return medium_pc_flush() == 0 || fail(WRITE_ERROR);
}

/* What must not fail because of news about the medium: the host gives it back, or asks what is the
   matter. */
static bool hears_no_news(const uint8_t *cdb)
{
    return cdb[0] == INQUIRY || cdb[0] == START_STOP_UNIT ||
           (cdb[0] == PREVENT_ALLOW_REMOVAL && !(cdb[4] & 1));
}

/* Commands that want a medium. */
static bool on_medium(const uint8_t *cdb, uint8_t *answer, struct scsi_command *command)
{
    switch (cdb[0]) {
    case TEST_UNIT_READY:
        return true;
    case READ_CAPACITY_10:
        return read_capacity(answer, command);
    case READ_FORMAT_CAPACITIES:
        return read_format_capacities(cdb, answer, command);
    case READ_10:
        command->to_host = true;
        return range(cdb, command);
    case WRITE_10:
        return write_blocks(cdb, command);
    case VERIFY_10:
        return verify(cdb, command);
    case SYNCHRONIZE_CACHE_10:
        return synchronize();
    default:
        return mode_sense(cdb, answer, command);
    }
}

static bool is_known(uint8_t operation)
{
    static const uint8_t known[] = {
        TEST_UNIT_READY,
        MODE_SENSE_6,
        START_STOP_UNIT,
        PREVENT_ALLOW_REMOVAL,
        READ_FORMAT_CAPACITIES,
        MODE_SENSE_10,
        READ_CAPACITY_10,
        READ_10,
        WRITE_10,
        VERIFY_10,
        SYNCHRONIZE_CACHE_10,
        INQUIRY,
    };
    return memchr(known, operation, sizeof known) != NULL;
}

bool scsi_begin(uint8_t lun, const uint8_t *cdb, size_t length, uint8_t answer[SCSI_ANSWER_BYTES],
                struct scsi_command *command)
{
    static const uint8_t length_of_group[8] = {6, 10, 10, 0, 16, 12, 0, 0};

    memset(command, 0, sizeof *command);
    if (cdb[0] == REQUEST_SENSE) {
        return request_sense(cdb, answer, command);
    }
    sense = NO_SENSE;
    if (lun != 0) {
        return fail(NO_SUCH_UNIT);
    }
    if (!is_known(cdb[0])) {
        return fail(INVALID_OPERATION);
    }
    if (length < length_of_group[cdb[0] >> 5]) {
        return fail(INVALID_FIELD);
    }
    bool there = medium_pc_look();
    if (there && !hears_no_news(cdb) && medium_pc_changed()) {
        return fail(MAY_HAVE_CHANGED);
    }
    switch (cdb[0]) {
    case INQUIRY:
        return inquiry(cdb, answer, command);
    case START_STOP_UNIT:
        return start_stop(cdb);
    case PREVENT_ALLOW_REMOVAL:
        return prevent_allow(cdb, there);
    default:
        return there ? on_medium(cdb, answer, command) : fail(MEDIUM_NOT_PRESENT);
    }
}

/* A card may have been pulled out. */
static bool result(int error, enum sense reason)
{
    if (error == 0) {
        return true;
    }
    return fail(medium_pc_look() ? reason : MEDIUM_NOT_PRESENT);
}

bool scsi_read(uint32_t block, void *to, size_t count)
{
    return result(medium_pc_read(block, to, count), READ_ERROR);
}

bool scsi_write(uint32_t block, const void *from, size_t count)
{
    return result(medium_pc_write(block, from, count), WRITE_ERROR);
}

void scsi_reset(void)
{
    sense = NO_SENSE;
    medium_pc_give_back();
}
