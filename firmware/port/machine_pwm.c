/* SPDX-License-Identifier: MIT */

/* The port's part of machine.PWM. Included by extmod/machine_pwm.c, never compiled alone. */

#include "mcu/gpio.h"
#include "mcu/tim.h"
#include "port/machine_pin.h"
#include "port/machine_pwm.h"

#define DUTY_U16_MAX 65535u
#define NS_PER_S     1000000000u
#define FREQ_DEFAULT 1000

/* One for each channel of each timer: it is one output, or its complement, at one pin. */
struct _machine_pwm_obj_t {
    mp_obj_base_t base;
    const machine_pin_obj_t *pin; /* NULL: off */
    uint8_t timer, channel;
    bool complementary, inverted;
    bool in_ns; /* what the program asked for, and what a new frequency keeps */
    uint32_t duty;
};

static machine_pwm_obj_t outputs[TIM_NUMBER_MAX][TIM_CHANNELS];
static uint32_t frequencies[TIM_NUMBER_MAX]; /* as asked for; 0: the timer is not in use */

static bool timer_in_use(unsigned timer, const machine_pwm_obj_t *but)
{
    for (unsigned i = 0; i < TIM_CHANNELS; i++) {
        const machine_pwm_obj_t *o = &outputs[timer - 1u][i];
        if (o != but && o->pin != NULL) {
            return true;
        }
    }
    return false;
}

/* ---- duty and frequency ---- */

static void apply_duty(const machine_pwm_obj_t *self)
{
    uint64_t period = tim_period(self->timer), ticks;
    if (self->in_ns) {
        uint64_t tick = tim_tick_clocks(self->timer) * (uint64_t)NS_PER_S;
        ticks = ((uint64_t)self->duty * tim_clock_hz(self->timer) + tick / 2u) / tick;
    } else {
        ticks = (self->duty * period + DUTY_U16_MAX / 2u) / DUTY_U16_MAX;
    }
    tim_set_duty(self->timer, self->channel, (uint32_t)(ticks < period ? ticks : period));
}

static void apply_duties(unsigned timer)
{
    for (unsigned i = 0; i < TIM_CHANNELS; i++) {
        if (outputs[timer - 1u][i].pin != NULL) {
            apply_duty(&outputs[timer - 1u][i]);
        }
    }
}

static void check_on(const machine_pwm_obj_t *self)
{
    if (self->pin == NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("PWM is not initialised"));
    }
}

static void set_frequency(unsigned timer, mp_int_t freq)
{
    if (freq < 1 || !tim_set_frequency(timer, (uint32_t)freq)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("freq must be 1 to %u"),
                          (unsigned)(tim_clock_hz(timer) / 2u));
    }
    frequencies[timer - 1u] = (uint32_t)freq;
    apply_duties(timer);
}

static void set_duty(machine_pwm_obj_t *self, mp_int_t duty, bool in_ns)
{
    if (duty < 0 || (!in_ns && duty > (mp_int_t)DUTY_U16_MAX)) {
        mp_raise_ValueError(in_ns ? MP_ERROR_TEXT("duty_ns must not be negative")
                                  : MP_ERROR_TEXT("duty_u16 must be 0 to 65535"));
    }
    self->in_ns = in_ns;
    self->duty = (uint32_t)duty;
    apply_duty(self);
}

/* ---- pins ---- */

static bool is_output(const machine_pin_af_obj_t *af, unsigned *channel, bool *complementary)
{
    if (af->function != AF_FN_TIM || af->signal > AF_PIN_TIM_CH3N) {
        return false;
    }
    *complementary = af->signal >= AF_PIN_TIM_CH1N;
    *channel = 1u + (*complementary ? af->signal - AF_PIN_TIM_CH1N : af->signal - AF_PIN_TIM_CH1);
    return tim_has_channel(af->unit, *channel, *complementary);
}

/*
 * The pin's timer channels: one that the pin has already, else one of a timer that nobody uses,
 * else of one that runs at this frequency, else any that is free: its timer's frequency is then
 * changed for all.
 */
static const machine_pin_af_obj_t *choose(const machine_pin_obj_t *pin, mp_int_t freq)
{
    const machine_pin_af_obj_t *best = NULL;
    unsigned best_rank = 0;
    bool any = false;

    for (unsigned i = 0; i < pin->af_count; i++) {
        const machine_pin_af_obj_t *af = &pin->af[i];
        unsigned channel, rank;
        bool complementary;
        if (!is_output(af, &channel, &complementary)) {
            continue;
        }
        any = true;
        const machine_pwm_obj_t *o = &outputs[af->unit - 1u][channel - 1u];
        if (o->pin == pin) {
            return af;
        }
        if (o->pin != NULL) {
            continue;
        }
        rank = !timer_in_use(af->unit, o)                     ? 3
               : frequencies[af->unit - 1u] == (uint32_t)freq ? 2
                                                              : 1;
        /* The plain outputs first: their levels are those of the duty. */
        rank = 2u * rank + !complementary;
        if (rank > best_rank) {
            best = af;
            best_rank = rank;
        }
    }
    if (best == NULL) {
        mp_raise_msg_varg(&mp_type_ValueError,
                          any ? MP_ERROR_TEXT("all PWM channels of Pin(%q) are in use")
                              : MP_ERROR_TEXT("Pin(%q) has no PWM channel"),
                          pin->name);
    }
    return best;
}

static void switch_off(machine_pwm_obj_t *self)
{
    if (self->pin == NULL) {
        return;
    }
    gpio_configure(self->pin->id, GPIO_INPUT);
    tim_output_off(self->timer, self->channel);
    self->pin = NULL;
    if (!timer_in_use(self->timer, NULL)) {
        tim_close(self->timer);
        frequencies[self->timer - 1u] = 0;
    }
}

/* ---- the class ---- */

static void mp_machine_pwm_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    const machine_pwm_obj_t *self = MP_OBJ_TO_PTR(self_in);
    (void)kind;
    if (self->pin == NULL) {
        mp_printf(print, "PWM(off)");
        return;
    }
    mp_printf(print, "PWM(Pin(%q), freq=%u, %s=%u, timer=%u, channel=%u%s)", self->pin->name,
              (unsigned)frequencies[self->timer - 1u], self->in_ns ? "duty_ns" : "duty_u16",
              (unsigned)self->duty, self->timer, self->channel, self->inverted ? ", invert" : "");
}

static void mp_machine_pwm_init_helper(machine_pwm_obj_t *self, size_t n_args,
                                       const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum { ARG_freq, ARG_duty_u16, ARG_duty_ns, ARG_invert };
    static const mp_arg_t allowed_args[] = {
        {MP_QSTR_freq, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_duty_u16, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_duty_ns, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_invert, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    check_on(self);
    if (args[ARG_duty_u16].u_int != -1 && args[ARG_duty_ns].u_int != -1) {
        mp_raise_ValueError(MP_ERROR_TEXT("either duty_u16 or duty_ns"));
    }
    if (args[ARG_freq].u_int != -1) {
        set_frequency(self->timer, args[ARG_freq].u_int);
    }
    if (args[ARG_duty_u16].u_int != -1) {
        set_duty(self, args[ARG_duty_u16].u_int, false);
    }
    if (args[ARG_duty_ns].u_int != -1) {
        set_duty(self, args[ARG_duty_ns].u_int, true);
    }
    if (args[ARG_invert].u_int != -1) {
        self->inverted = args[ARG_invert].u_int != 0;
    }
    tim_output_on(self->timer, self->channel, self->complementary, self->inverted);
}

static mp_obj_t mp_machine_pwm_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                                        const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 1, 1, true);
    const machine_pin_obj_t *pin = machine_pin_find(args[0]);
    mp_map_t kw_args;
    mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);

    mp_map_elem_t *freq = mp_map_lookup(&kw_args, MP_OBJ_NEW_QSTR(MP_QSTR_freq), MP_MAP_LOOKUP);
    const machine_pin_af_obj_t *af = choose(pin, freq == NULL ? 0 : mp_obj_get_int(freq->value));
    unsigned channel = 1;
    bool complementary = false;
    (void)is_output(af, &channel, &complementary);
    machine_pwm_obj_t *self = &outputs[af->unit - 1u][channel - 1u];
    bool fresh = self->pin == NULL;
    /* Refuses the PSRAM's pins. */
    mp_hal_pin_config(pin, GPIO_ALTERNATE(0), GPIO_PULL_NONE, af->index);
    if (fresh) {
        if (!timer_in_use(af->unit, self)) {
            tim_open(af->unit);
            set_frequency(af->unit, FREQ_DEFAULT);
        }
        *self = (machine_pwm_obj_t){.base = {type},
                                    .pin = pin,
                                    .timer = af->unit,
                                    .channel = (uint8_t)channel,
                                    .complementary = complementary};
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_machine_pwm_init_helper(self, 0, NULL, &kw_args);
        nlr_pop();
    } else {
        /* Wrong arguments: a new output is not left half made. */
        if (fresh) {
            switch_off(self);
        }
        nlr_jump(nlr.ret_val);
    }
    return MP_OBJ_FROM_PTR(self);
}

static void mp_machine_pwm_deinit(machine_pwm_obj_t *self)
{
    switch_off(self);
}

static mp_obj_t mp_machine_pwm_freq_get(machine_pwm_obj_t *self)
{
    check_on(self);
    return mp_obj_new_int_from_uint(frequencies[self->timer - 1u]);
}

static void mp_machine_pwm_freq_set(machine_pwm_obj_t *self, mp_int_t freq)
{
    check_on(self);
    set_frequency(self->timer, freq);
}

static mp_obj_t mp_machine_pwm_duty_get_u16(machine_pwm_obj_t *self)
{
    check_on(self);
    uint64_t period = tim_period(self->timer);
    return mp_obj_new_int_from_uint(
        (uint32_t)((tim_duty(self->timer, self->channel) * (uint64_t)DUTY_U16_MAX + period / 2u) /
                   period));
}

static void mp_machine_pwm_duty_set_u16(machine_pwm_obj_t *self, mp_int_t duty_u16)
{
    check_on(self);
    set_duty(self, duty_u16, false);
}

static mp_obj_t mp_machine_pwm_duty_get_ns(machine_pwm_obj_t *self)
{
    check_on(self);
    uint64_t clocks = tim_duty(self->timer, self->channel) * (uint64_t)tim_tick_clocks(self->timer);
    uint32_t hz = tim_clock_hz(self->timer);
    return mp_obj_new_int_from_ull((clocks * NS_PER_S + hz / 2u) / hz);
}

static void mp_machine_pwm_duty_set_ns(machine_pwm_obj_t *self, mp_int_t duty_ns)
{
    check_on(self);
    set_duty(self, duty_ns, true);
}

void machine_pwm_deinit_all(void)
{
    for (unsigned timer = 0; timer < TIM_NUMBER_MAX; timer++) {
        for (unsigned i = 0; i < TIM_CHANNELS; i++) {
            switch_off(&outputs[timer][i]);
        }
    }
}

void machine_pwm_clock_changed(void)
{
    for (unsigned timer = 1; timer <= TIM_NUMBER_MAX; timer++) {
        if (frequencies[timer - 1u] != 0 && tim_set_frequency(timer, frequencies[timer - 1u])) {
            apply_duties(timer);
        }
    }
}
