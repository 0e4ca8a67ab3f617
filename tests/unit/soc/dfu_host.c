#include "dfu_host.h"

static void request_done(void *ctx, struct usb_request *r)
{
    (void)r;
    ((struct dfu_host *)ctx)->done = true;
}

int dfu_control(struct dfu_host *b, unsigned type, unsigned request, unsigned value, unsigned index,
                void *data, unsigned length)
{
    struct usb_request r = {.setup = {(uint8_t)type, (uint8_t)request, (uint8_t)value,
                                      (uint8_t)(value >> 8), (uint8_t)index, (uint8_t)(index >> 8),
                                      (uint8_t)length, (uint8_t)(length >> 8)},
                            .data = data,
                            .length = length,
                            .done = request_done,
                            .ctx = b};

    b->done = false;
    if (usb_host_submit(b->host, &r) != 0)
        return -1;
    for (int n = 0; n < 20000 && !b->done; n++)
        chip_run(b->soc, VTIME_MS / 10);
    assert_true(b->done);
    return r.status == USB_OK ? (int)r.actual : -1;
}

int dfu_out(struct dfu_host *b, unsigned request, unsigned value, const void *data, unsigned n)
{
    return dfu_control(b, 0x21, request, value, 0, (void *)(uintptr_t)data, n);
}

int dfu_in(struct dfu_host *b, unsigned request, unsigned value, void *data, unsigned n)
{
    return dfu_control(b, 0xA1, request, value, 0, data, n);
}

int dfu_get_status(struct dfu_host *b, int *status)
{
    uint8_t answer[6];

    if (dfu_in(b, GETSTATUS, 0, answer, 6) != 6)
        return -1;
    *status = answer[0];
    chip_run(b->soc, (answer[1] | answer[2] << 8) * VTIME_MS);
    return answer[4];
}

int dfu_download(struct dfu_host *b, unsigned block, const void *data, unsigned n)
{
    int status, state;

    if (dfu_out(b, DNLOAD, block, data, n) != (int)n || dfu_get_status(b, &status) != DNBUSY)
        return -1;
    state = dfu_get_status(b, &status);
    if (state < 0)
        return -1;
    assert_int_equal(state, status == OK ? DNLOAD_IDLE : ERROR);
    if (status != OK)
        assert_int_equal(dfu_out(b, CLRSTATUS, 0, NULL, 0), 0);
    return status;
}

int dfu_command(struct dfu_host *b, unsigned code, uint32_t address)
{
    const uint8_t data[5] = {(uint8_t)code, (uint8_t)address, (uint8_t)(address >> 8),
                             (uint8_t)(address >> 16), (uint8_t)(address >> 24)};

    return dfu_download(b, 0, data, 5);
}

void dfu_to_idle(struct dfu_host *b)
{
    assert_int_equal(dfu_out(b, ABORT, 0, NULL, 0), 0);
}

void dfu_upload(struct dfu_host *b, uint32_t address, void *to, unsigned n)
{
    assert_int_equal(dfu_command(b, 0x21, address), OK);
    dfu_to_idle(b);
    assert_int_equal(dfu_in(b, UPLOAD, 2, to, n), n);
    dfu_to_idle(b);
}

void dfu_string(struct dfu_host *b, unsigned index, char *to)
{
    uint8_t data[255];
    int n = dfu_control(b, 0x80, 6, 0x300 | index, 0x409, data, sizeof(data));

    assert_true(n >= 2 && n == data[0] && data[1] == 3);
    for (int i = 2; i < n; i += 2)
        *to++ = (char)data[i];
    *to = '\0';
}

static void nothing(void *ctx)
{
    (void)ctx;
}

struct dfu_host *dfu_plug(struct soc *soc)
{
    static const struct usb_host_user user = {.attached = nothing, .detached = nothing};
    struct dfu_host *b = calloc(1, sizeof(*b));

    b->soc = soc;
    b->host = usb_host_new(soc->sched, soc_usb(soc), &user);
    usb_host_start(b->host);
    return b;
}

void dfu_unplug(struct dfu_host *b)
{
    usb_host_free(b->host);
    free(b);
}

bool dfu_ready(struct dfu_host *b)
{
    for (int n = 0; n < 1000 && !usb_host_ready(b->host); n++)
        chip_run(b->soc, VTIME_MS);
    return usb_host_ready(b->host);
}
