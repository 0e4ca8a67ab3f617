#include "board.h"

#include <string.h>

/* True: power fails in this step. */
static bool step(struct board *b)
{
    if (b->steps++ == b->power_fails_at)
        b->dead = true;
    return b->dead;
}

/* Each other time it was about to begin; else it is done by half. */
static bool half_done(const struct board *b)
{
    return b->power_fails_at % 2;
}

static enum dfu_status take_error(struct board *b)
{
    enum dfu_status error = b->next_error;

    b->next_error = DFU_OK;
    return error;
}

static enum dfu_status erase(void *ctx, uint32_t sector)
{
    struct board *b = ctx;
    uint32_t at = sector - START;

    b->erases++;
    if (b->dead)
        return DFU_ERR_ERASE;
    if (at % SECTOR || at < OWN || at >= SIZE)
        return DFU_ERR_ADDRESS;
    if (b->next_error != DFU_OK)
        return take_error(b);
    if (step(b)) {
        for (uint32_t n = 0; half_done(b) && n < SECTOR / WORD; n++)
            b->unreadable[at / WORD + n] = n % 3 != 0;
        return DFU_ERR_ERASE;
    }
    memset(b->cells + at, 0xFF, SECTOR);
    memset(b->unreadable + at / WORD, 0, SECTOR / WORD * sizeof(b->unreadable[0]));
    return DFU_OK;
}

static enum dfu_status write_words(void *ctx, uint32_t address, const uint8_t *from, size_t bytes)
{
    struct board *b = ctx;
    uint32_t at = address - START;

    if (at % WORD || bytes % WORD || at < OWN || at + bytes > SIZE)
        return DFU_ERR_ADDRESS;
    if (b->next_error != DFU_OK)
        return take_error(b);
    for (size_t n = 0; n < bytes; n += WORD) {
        if (b->dead)
            return DFU_ERR_PROG;
        for (unsigned i = 0; i < WORD; i++)
            if (b->cells[at + n + i] != 0xFF || b->unreadable[(at + n) / WORD])
                return DFU_ERR_CHECK_ERASED;
        if (step(b)) {
            if (half_done(b)) {
                memcpy(b->cells + at + n, from + n, WORD / 2);
                b->unreadable[(at + n) / WORD] = true;
            }
            return DFU_ERR_PROG;
        }
        memcpy(b->cells + at + n, from + n, WORD);
    }
    return DFU_OK;
}

static bool readable(const struct board *b, uint32_t at, size_t bytes)
{
    if (at + bytes > SIZE)
        return false;
    for (uint32_t n = at / WORD; n <= (at + bytes - 1) / WORD; n++)
        if (b->unreadable[n])
            return false;
    return true;
}

static enum dfu_status read_bytes(void *ctx, uint32_t address, uint8_t *to, size_t bytes)
{
    struct board *b = ctx;

    if (!readable(b, address - START, bytes))
        return DFU_ERR_VENDOR;
    memcpy(to, b->cells + (address - START), bytes);
    return DFU_OK;
}

static bool read_image(void *ctx, uint32_t address, void *to, size_t bytes)
{
    return read_bytes(ctx, address, to, bytes) == DFU_OK;
}

static enum dfu_status unprotect(void *ctx)
{
    struct board *b = ctx;

    b->unprotects++;
    return DFU_OK;
}

enum image_status board_application(struct board *b)
{
    const struct image_place place = {
        .start = APPLICATION, .end = END, .ctx = b, .read = read_image};

    return image_check(&place);
}

static bool application_is_whole(void *ctx)
{
    return board_application(ctx) == IMAGE_OK;
}

void board_power_on(struct board *b)
{
    static struct dfuse_memory memory;

    memory = (struct dfuse_memory){
        .start = START,
        .own_end = APPLICATION,
        .end = END,
        .sector_bytes = SECTOR,
        .word_bytes = WORD,
        .erase_ms = 3,
        .write_ms = 7,
        .ctx = b,
        .erase = erase,
        .write = write_words,
        .read = read_bytes,
        .unprotect = unprotect,
        .application_is_whole = application_is_whole,
    };
    b->dead = false;
    b->steps = 0;
    b->power_fails_at = b->unplugged_after = -1;
    dfuse_init(&b->dfu, &memory);
}

void board_init(struct board *b)
{
    memset(b, 0, sizeof(*b));
    memset(b->cells, 0xFF, SIZE);
    for (uint32_t n = 0; n < OWN; n++)
        b->cells[n] = (uint8_t)(n * 7);
    board_power_on(b);
}

bool host_dnload(struct board *b, uint16_t block, const void *data, uint16_t bytes)
{
    if (b->dead || b->unplugged_after == 0)
        return false;
    b->unplugged_after -= b->unplugged_after > 0;
    return dfuse_out(&b->dfu, DFU_DNLOAD, block, data, bytes);
}

int host_get_status(struct board *b, int *status, uint32_t *poll_ms)
{
    uint8_t answer[6];

    if (b->dead || dfuse_in(&b->dfu, DFU_GETSTATUS, 0, answer, sizeof(answer)) != 6)
        return -1;
    if (status)
        *status = answer[0];
    if (poll_ms)
        *poll_ms = answer[1] | (uint32_t)answer[2] << 8 | (uint32_t)answer[3] << 16;
    dfuse_work(&b->dfu);
    return answer[4];
}

static int finish(struct board *b, int *status)
{
    int state;

    do
        state = host_get_status(b, status, NULL);
    while (state == DFU_DNBUSY);
    return state;
}

int host_command(struct board *b, uint8_t command, uint32_t address, int *status)
{
    const uint8_t data[5] = {command, (uint8_t)address, (uint8_t)(address >> 8),
                             (uint8_t)(address >> 16), (uint8_t)(address >> 24)};

    return host_dnload(b, 0, data, 5) ? finish(b, status) : -1;
}

int host_write(struct board *b, uint16_t block, const void *data, uint16_t bytes, int *status)
{
    return host_dnload(b, block, data, bytes) ? finish(b, status) : -1;
}

bool host_clear(struct board *b)
{
    return dfuse_out(&b->dfu, DFU_CLRSTATUS, 0, NULL, 0);
}

bool host_update(struct board *b, uint32_t address, const uint8_t *image, uint32_t bytes)
{
    for (uint32_t at = address / SECTOR * SECTOR; at < address + bytes; at += SECTOR)
        if (host_command(b, 0x41, at, NULL) != DFU_DNLOAD_IDLE)
            return false;
    for (uint32_t at = 0; at < bytes; at += DFUSE_TRANSFER) {
        uint32_t n = bytes - at < DFUSE_TRANSFER ? bytes - at : DFUSE_TRANSFER;

        if (host_command(b, 0x21, address + at, NULL) != DFU_DNLOAD_IDLE ||
            host_write(b, 2, image + at, (uint16_t)n, NULL) != DFU_DNLOAD_IDLE)
            return false;
    }
    return host_command(b, 0x21, address, NULL) == DFU_DNLOAD_IDLE && host_dnload(b, 0, NULL, 0) &&
           host_get_status(b, NULL, NULL) == DFU_MANIFEST;
}

void make_application(uint8_t *image, uint32_t bytes, uint32_t seed)
{
    const uint32_t head[2] = {0x20010000, APPLICATION + 0x401};
    const uint32_t record[2] = {IMAGE_MAGIC, bytes - 4};

    for (uint32_t n = 0; n < bytes; n++) {
        seed = seed * 1664525 + 1013904223;
        image[n] = (uint8_t)(seed >> 24);
    }
    memcpy(image, head, sizeof(head));
    memcpy(image + IMAGE_RECORD, record, sizeof(record));
    uint32_t crc = image_crc32(0, image, bytes - 4);
    memcpy(image + bytes - 4, &crc, 4);
}
