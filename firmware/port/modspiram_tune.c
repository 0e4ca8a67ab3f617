/* SPDX-License-Identifier: MIT */

/* spiram.tune() and spiram.shmoo(). */

#include "modspiram.h"
#include "psram.h"
#include "psram_tune.h"
#include "py/mperrno.h"
#include "py/objtuple.h"
#include "py/runtime.h"
#include "py/stream.h"

static void raise_if(int error)
{
    if (error == SPIRAM_ERR_SPEED) {
        mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("no faster timing works on this board"));
    }
    if (error == SPIRAM_ERR_STATE) {
        mp_raise_OSError(MP_ENODEV);
    }
    if (error != SPIRAM_OK) {
        mp_raise_msg_varg(&mp_type_OSError, MP_ERROR_TEXT("spiram %s"), spiram_strerror(error));
    }
}

/* chip: a name of the table, or None: the worst number of each, as the ID does not tell. */
static struct psram_tune_request request_of(mp_obj_t chip, mp_int_t max_hz)
{
    struct psram_tune_request request = {.max_hz = max_hz > 0 ? (uint32_t)max_hz : 0};
    if (chip != mp_const_none) {
        request.chip = spiram_chip_find(mp_obj_str_get_str(chip));
        if (request.chip == NULL) {
            mp_raise_ValueError(MP_ERROR_TEXT("unknown chip"));
        }
    }
    if (max_hz < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("max_hz must not be negative"));
    }
    return request;
}

/*
 * tune(*, chip=None, max_hz=0, keep=True, forget=False): the result as a tuple with names;
 * None with forget=True, after which the datasheet's timing is in force.
 */
static mp_obj_t spiram_tune(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum { ARG_chip, ARG_max_hz, ARG_keep, ARG_forget };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_chip, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_max_hz, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_keep, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_forget, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

    if (args[ARG_forget].u_bool) {
        (void)psram_tune_drop(psram_context());
        return mp_const_none;
    }
    struct psram_tune_request request = request_of(args[ARG_chip].u_obj, args[ARG_max_hz].u_int);
    request.keep = args[ARG_keep].u_bool;
    struct psram_tune_report report;
    raise_if(psram_tune(psram_context(), &request, &report));

    static const qstr names[] = {MP_QSTR_clock_hz, MP_QSTR_point,  MP_QSTR_first,
                                 MP_QSTR_last,     MP_QSTR_margin, MP_QSTR_sshift,
                                 MP_QSTR_tap,      MP_QSTR_chip,   MP_QSTR_irq_off_us};
    const mp_obj_t items[MP_ARRAY_SIZE(names)] = {
        mp_obj_new_int_from_uint(report.tuning.clock_hz),
        MP_OBJ_NEW_SMALL_INT(report.tuning.point),
        MP_OBJ_NEW_SMALL_INT(report.tuning.first),
        MP_OBJ_NEW_SMALL_INT(report.tuning.last),
        MP_OBJ_NEW_SMALL_INT(spiram_tuning_margin(&report.tuning)),
        mp_obj_new_bool(report.timing.sample_late),
        MP_OBJ_NEW_SMALL_INT(report.timing.sample_tap),
        mp_obj_new_str_from_cstr(report.chip),
        mp_obj_new_int_from_uint(report.irq_off_us),
    };
    return mp_obj_new_attrtuple(names, MP_ARRAY_SIZE(names), items);
}
MP_DEFINE_CONST_FUN_OBJ_KW(spiram_tune_obj, 0, spiram_tune);

static void print_piece(void *context, const char *text, size_t length)
{
    const mp_print_t *print = context;
    print->print_strn(print->data, text, length);
}

/*
 * shmoo(stream=None, *, chip=None, max_hz=0): the grid as text on the console, or as SVG into the
 * stream.
 */
static mp_obj_t spiram_shmoo(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum { ARG_stream, ARG_chip, ARG_max_hz };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_stream, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_chip, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_max_hz, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

    struct psram_tune_request request = request_of(args[ARG_chip].u_obj, args[ARG_max_hz].u_int);
    mp_obj_t stream = args[ARG_stream].u_obj;
    mp_print_t print = mp_plat_print;
    if (stream != mp_const_none) {
        mp_get_stream_raise(stream, MP_STREAM_OP_WRITE);
        print = (mp_print_t){MP_OBJ_TO_PTR(stream), mp_stream_write_adaptor};
    }
    struct spiram_shmoo shmoo;
    raise_if(psram_tune_grid(psram_context(), &request, &shmoo));
    shmoo.print = print_piece;
    shmoo.context = &print;
    if (stream != mp_const_none) {
        spiram_shmoo_svg(&shmoo);
    } else {
        spiram_shmoo_text(&shmoo);
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_KW(spiram_shmoo_obj, 0, spiram_shmoo);
