/* SPDX-License-Identifier: MIT */

#include "modspiram.h"

#include <string.h>

#include "bootlog.h"
#include "gc_areas.h"
#include "heap.h"
#include "psram.h"
#include "psram_transfer.h"
#include "py/mperrno.h"
#include "py/objarray.h"
#include "py/objstr.h"
#include "py/objtuple.h"
#include "py/runtime.h"

#define MAKER_AP_MEMORY 0x0D
#define KGD_PASS        0x5D

void spiram_raise_if(int error)
{
    if (error == SPIRAM_OK) {
        return;
    }
    mp_obj_t args[] = {
        MP_OBJ_NEW_SMALL_INT(error == SPIRAM_ERR_NO_CHIP ? MP_ENODEV : MP_EIO),
        MP_OBJ_NULL,
    };
    const char *text = spiram_strerror(error);
    args[1] = mp_obj_new_str(text, strlen(text));
    nlr_raise(mp_obj_new_exception_args(&mp_type_OSError, MP_ARRAY_SIZE(args), args));
}

/* The chip, if it can be talked to. */
static struct spiram *chip(void)
{
    struct spiram *ram = psram_context();
    if (ram->state == SPIRAM_STATE_OFF) {
        spiram_raise_if(psram_result() != SPIRAM_OK ? psram_result() : SPIRAM_ERR_NO_CHIP);
    }
    return ram;
}

// ---- info, clock, log -------------------------------------------------------------------------

static mp_obj_t new_str(const char *text)
{
    return mp_obj_new_str(text, strlen(text));
}

static mp_obj_t timing_tuple(const struct spiram_timing *t)
{
    static const qstr fields[] = {
        MP_QSTR_high_clocks, MP_QSTR_refresh_clocks, MP_QSTR_idle_clocks, MP_QSTR_frame_bytes,
        MP_QSTR_boundary,    MP_QSTR_sample_late,    MP_QSTR_sample_tap,
    };
    const mp_obj_t items[] = {
        mp_obj_new_int_from_uint(t->high_clocks),
        mp_obj_new_int_from_uint(t->refresh_clocks),
        mp_obj_new_int_from_uint(t->idle_clocks),
        mp_obj_new_int_from_uint(t->frame_bytes),
        mp_obj_new_int_from_uint(t->boundary_log2 != 0 ? 1u << t->boundary_log2 : 0),
        mp_obj_new_bool(t->sample_late),
        MP_OBJ_NEW_SMALL_INT(t->sample_tap),
    };
    _Static_assert(MP_ARRAY_SIZE(fields) == MP_ARRAY_SIZE(items), "a name for each");
    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(items), items);
}

static mp_obj_t memtest_text(const struct spiram *ram)
{
    switch (psram_result()) {
    case SPIRAM_OK:
        break;
    case SPIRAM_ERR_MEMORY:
        return MP_OBJ_NEW_QSTR(MP_QSTR_fail);
    default:
        return mp_const_none;
    }
    if (psram_tested_bytes() < spiram_usable_size(ram)) {
        vstr_t text;
        vstr_init(&text, 24);
        vstr_printf(&text, "pass, first %u KB", (unsigned)(psram_tested_bytes() / 1024u));
        return mp_obj_new_str_from_vstr(&text);
    }
    return MP_OBJ_NEW_QSTR(MP_QSTR_pass);
}

static mp_obj_t spiram_info(void)
{
    static const qstr fields[] = {
        MP_QSTR_chip,    MP_QSTR_maker,  MP_QSTR_kgd,     MP_QSTR_eid,
        MP_QSTR_size,    MP_QSTR_usable, MP_QSTR_base,    MP_QSTR_clock_hz,
        MP_QSTR_profile, MP_QSTR_timing, MP_QSTR_memtest, MP_QSTR_error,
    };
    static const uint8_t not_read[sizeof((struct spiram_id *)0)->eid];
    const struct spiram *ram = psram_context();
    const uint8_t *eid = ram->id.eid;
    bool has_id = memcmp(eid, not_read, sizeof not_read) != 0;
    bool is_up = ram->state != SPIRAM_STATE_OFF;
    const mp_obj_t items[] = {
        is_up ? new_str(ram->chip.name) : mp_const_none,
        has_id && eid[0] == MAKER_AP_MEMORY ? new_str("AP Memory") : mp_const_none,
        mp_obj_new_bool(eid[1] == KGD_PASS),
        has_id ? mp_obj_new_bytes(eid, sizeof ram->id.eid) : mp_const_none,
        mp_obj_new_int_from_uint(spiram_size(ram)),
        mp_obj_new_int_from_uint(psram_result() == SPIRAM_OK ? spiram_usable_size(ram) : 0),
        ram->window != NULL ? mp_obj_new_int_from_uint((uintptr_t)ram->window) : mp_const_none,
        mp_obj_new_int_from_uint(is_up ? ram->timing.clock_hz : 0),
        new_str(psram_profile_name()),
        is_up ? timing_tuple(&ram->timing) : mp_const_none,
        memtest_text(ram),
        psram_result() == SPIRAM_OK ? mp_const_none : new_str(spiram_strerror(psram_result())),
    };
    _Static_assert(MP_ARRAY_SIZE(fields) == MP_ARRAY_SIZE(items), "a name for each");
    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(items), items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(spiram_info_obj, spiram_info);

/* Read only: another clock needs other timing, and a proof that data survive it. */
static mp_obj_t spiram_clock(void)
{
    return mp_obj_new_int_from_uint(chip()->timing.clock_hz);
}
static MP_DEFINE_CONST_FUN_OBJ_0(spiram_clock_obj, spiram_clock);

static mp_obj_t spiram_log(void)
{
    size_t length;
    const char *text = bootlog_text(&length);
    return mp_obj_new_str(text, length);
}
static MP_DEFINE_CONST_FUN_OBJ_0(spiram_log_obj, spiram_log);

// ---- read, write ------------------------------------------------------------------------------

/* A whole number that is too large for an address is a wrong value, not an overflow. */
static uint32_t get_address(mp_obj_t object, const struct spiram *ram, size_t length)
{
    bool big = mp_obj_is_exact_type(object, &mp_type_int);
    mp_int_t address = big ? -1 : mp_obj_get_int(object);
    size_t size = spiram_size(ram);
    if (address < 0 || (size_t)address > size || length > size - (size_t)address) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("range beyond the chip's %d bytes"),
                          (int)size);
    }
    return (uint32_t)address;
}

static mp_obj_t spiram_read_into(mp_obj_t address, mp_obj_t buffer)
{
    mp_buffer_info_t info;
    mp_get_buffer_raise(buffer, &info, MP_BUFFER_WRITE);
    spiram_raise_if(psram_read(get_address(address, chip(), info.len), info.buf, info.len));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(spiram_read_obj, spiram_read_into);

static mp_obj_t spiram_write_from(mp_obj_t address, mp_obj_t buffer)
{
    mp_buffer_info_t info;
    mp_get_buffer_raise(buffer, &info, MP_BUFFER_READ);
    spiram_raise_if(psram_write(get_address(address, chip(), info.len), info.buf, info.len));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(spiram_write_obj, spiram_write_from);

// ---- heap, dma_buffer -------------------------------------------------------------------------

static mp_obj_t spiram_heap(size_t n_args, const mp_obj_t *args)
{
    if (n_args == 0) {
        return new_str(heap_policy_name(heap_policy()));
    }
    const char *name = mp_obj_str_get_str(args[0]);
    for (int policy = 0; policy < HEAP_POLICY_COUNT; policy++) {
        if (strcmp(name, heap_policy_name(policy)) == 0) {
            heap_choose(policy);
            return mp_const_none;
        }
    }
    mp_raise_ValueError(MP_ERROR_TEXT("heap must be 'psram', 'split' or 'internal'"));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(spiram_heap_obj, 0, 1, spiram_heap);

static mp_obj_t spiram_dma_buffer(mp_obj_t length)
{
    mp_int_t n = mp_obj_get_int(length);
    if (n <= 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("length must be positive"));
    }
    void *memory = heap_alloc_dma((size_t)n);
    if (memory == NULL) {
        mp_raise_msg_varg(&mp_type_MemoryError,
                          MP_ERROR_TEXT("%d bytes wanted, there are %d for DMA buffers in all"),
                          (int)n, (int)heap_dma_bytes());
    }
    return mp_obj_new_bytearray_by_ref((size_t)n, memory);
}
static MP_DEFINE_CONST_FUN_OBJ_1(spiram_dma_buffer_obj, spiram_dma_buffer);

#if BOARD_HEAP_FAILS
static mp_obj_t spiram_fail_allocation(mp_obj_t n)
{
    return MP_OBJ_NEW_SMALL_INT(gc_areas_fail((size_t)mp_obj_get_int(n)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(spiram_fail_allocation_obj, spiram_fail_allocation);
#endif

// ---- the module -------------------------------------------------------------------------------

/* What help(spiram) shows first. */
static const MP_DEFINE_STR_OBJ(doc_obj,
                               "\n"
                               "The SPI RAM that holds the heap.\n"
                               "  info()          what chip, clock and timing; result of the test\n"
                               "  clock()         CLK in Hz\n"
                               "  log()           the messages of the boot\n"
                               "  read(addr, buf), write(addr, buf)\n"
                               "                  any bytes of the chip, past the heap: careful\n"
                               "  copy(to, from), fill(buf, byte)\n"
                               "                  buffers in the chip, at twice the speed\n"
                               "  heap()          'psram', 'split' or 'internal'; heap('split')\n"
                               "                  chooses for the next soft reset, and after it\n"
                               "  dma_buffer(n)   bytearray in internal RAM, for DMA\n"
                               "  memtest()       tests the chip, with the heap in it\n"
                               "  bench()         measures it, beside what its clock allows\n"
                               "  tune()          searches for the fastest safe timing\n"
                               "  shmoo()         draws where this board can read\n");

static const mp_rom_map_elem_t spiram_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_spiram)},
    {MP_ROM_QSTR(MP_QSTR___doc__), MP_ROM_PTR(&doc_obj)},

    {MP_ROM_QSTR(MP_QSTR_info), MP_ROM_PTR(&spiram_info_obj)},
    {MP_ROM_QSTR(MP_QSTR_clock), MP_ROM_PTR(&spiram_clock_obj)},
    {MP_ROM_QSTR(MP_QSTR_log), MP_ROM_PTR(&spiram_log_obj)},

    {MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&spiram_read_obj)},
    {MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&spiram_write_obj)},

    {MP_ROM_QSTR(MP_QSTR_copy), MP_ROM_PTR(&spiram_copy_obj)},
    {MP_ROM_QSTR(MP_QSTR_fill), MP_ROM_PTR(&spiram_fill_obj)},

    {MP_ROM_QSTR(MP_QSTR_heap), MP_ROM_PTR(&spiram_heap_obj)},
    {MP_ROM_QSTR(MP_QSTR_dma_buffer), MP_ROM_PTR(&spiram_dma_buffer_obj)},

    {MP_ROM_QSTR(MP_QSTR_tune), MP_ROM_PTR(&spiram_tune_obj)},
    {MP_ROM_QSTR(MP_QSTR_shmoo), MP_ROM_PTR(&spiram_shmoo_obj)},
    {MP_ROM_QSTR(MP_QSTR_memtest), MP_ROM_PTR(&spiram_memtest_obj)},
    {MP_ROM_QSTR(MP_QSTR_bench), MP_ROM_PTR(&spiram_bench_obj)},
/* The list of qstrs is made with NO_QSTR, once for all variants. */
#if BOARD_HEAP_FAILS || defined(NO_QSTR)
    {MP_ROM_QSTR(MP_QSTR_fail_allocation), MP_ROM_PTR(&spiram_fail_allocation_obj)},
#endif
};
static MP_DEFINE_CONST_DICT(spiram_globals, spiram_globals_table);

const mp_obj_module_t spiram_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&spiram_globals,
};

MP_REGISTER_MODULE(MP_QSTR_spiram, spiram_module);
