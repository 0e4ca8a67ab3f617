/*
 * Stop and Standby: what deep sleep does to the chip, and what ends it.
 *
 * RM0455, PWR: low-power modes, wake-up pins. In Stop the clocks are off but for LSI, LSE and what
 * HSIKERON and CSIKERON keep (clocks.c); an interrupt that reaches the NVIC, which without clocks
 * only EXTI's lines do, brings HSI or CSI back as system clock. In Standby the core's domain and
 * its memories have no supply: it ends with an event of the RTC, an edge of a WKUP pin, or a
 * reset, and in all cases with a reset of everything but the backup domain and some bits of PWR.
 *
 * The pins' pulls of PWR_WKUPEPR act in Standby only. Not modelled: the time that regulators and
 * flash take to wake, domains that sleep alone (CPUCR.RUN_SRD: as Sleep), DBGMCU's bits.
 */
#include <stdlib.h>

#include "devices.h"

enum { PWR_WKUPEPR = 0x28, WKUP_PINS = 6 };

/* DS13195, pin description: WKUP1 .. WKUP6. */
static const unsigned pins[WKUP_PINS] = {
    SOC_PIN('A', 0),  SOC_PIN('A', 2),  SOC_PIN('I', 8),
    SOC_PIN('C', 13), SOC_PIN('I', 11), SOC_PIN('C', 1),
};

struct low_power;

struct wkup {
    struct low_power *owner;
    unsigned n;
    bool active; /* enabled, and at the level that wakes */
    struct net_listener listener;
    struct net_driver pull;
};

struct low_power {
    struct device d; /* has no registers */
    struct wkup wkup[WKUP_PINS];
};

static uint32_t wkupepr(const struct soc *soc)
{
    return *device_reg(soc->pwr, PWR_WKUPEPR);
}

static void look(struct wkup *w)
{
    struct soc *soc = w->owner->d.soc;
    uint32_t epr = wkupepr(soc) >> w->n;
    bool falling = epr >> 8 & 1; /* WKUPP */
    /* An enabled pin that is at its level already counts as an edge (RM0455, WKUPEN). */
    bool active = epr & 1 && net_level(soc->pin[pins[w->n]]) != falling;
    bool edge = active && !w->active;

    w->active = active;
    if (!edge)
        return;
    pwr_wakeup_pin(soc, w->n);
    if (soc->power == SOC_STANDBY)
        soc_request_reset(soc, SOC_RESET_STANDBY_EXIT);
}

static void level_changed(void *ctx, struct net *net, bool level)
{
    (void)net;
    (void)level;
    look(ctx);
}

void low_power_pins(struct soc *soc)
{
    struct low_power *l = soc->low_power;

    for (unsigned n = 0; n < WKUP_PINS; n++)
        look(&l->wkup[n]);
}

static void set_pulls(struct soc *soc, bool on)
{
    static const enum net_drive pull[4] = {NET_Z, NET_PULL_UP, NET_PULL_DOWN, NET_Z};

    for (unsigned n = 0; n < WKUP_PINS; n++)
        net_drive(&soc->low_power->wkup[n].pull,
                  on ? pull[wkupepr(soc) >> (16 + 2 * n) & 3] : NET_Z);
}

void low_power_event(struct soc *soc)
{
    if (soc->power == SOC_STANDBY)
        soc_request_reset(soc, SOC_RESET_STANDBY_EXIT);
}

void low_power_enter(struct soc *soc)
{
    soc->power = pwr_deep_sleep(soc);
    if (soc->power == SOC_RUNS)
        return;
    cpu_hold_clock(soc->cpu, true);
    soc_clocks_update(soc);
    if (soc->power != SOC_STANDBY)
        return;
    pwr_standby_entered(soc);
    set_pulls(soc, true);
    for (unsigned port = 0; port < SOC_PORTS; port++)
        device_reset(soc->gpio[port]); /* all pins float */
    if (exti_rtc_event(soc) || *device_reg(soc->pwr, 0x24) & wkupepr(soc) & 0x3F)
        soc_request_reset(soc, SOC_RESET_STANDBY_EXIT);
}

void low_power_exit(struct soc *soc)
{
    if (soc->power != SOC_STOPPED)
        return;
    soc->power = SOC_RUNS;
    cpu_hold_clock(soc->cpu, false);
    rcc_stop_exit(soc);
    pwr_stop_exit(soc);
}

static void reset(struct device *d)
{
    set_pulls(d->soc, false);
    low_power_pins(d->soc);
}

int low_power_create(struct soc *soc)
{
    struct low_power *l = calloc(1, sizeof *l);

    if (!l)
        return -1;
    l->d.name = "low power";
    l->d.reset = reset;
    if (device_init(&l->d, soc) < 0) {
        free(l);
        return -1;
    }
    soc->low_power = l;
    for (unsigned n = 0; n < WKUP_PINS; n++) {
        struct wkup *w = &l->wkup[n];

        w->owner = l;
        w->n = n;
        w->listener = (struct net_listener){.fn = level_changed, .ctx = w};
        net_attach(soc->pin[pins[n]], &w->pull);
        net_listen(soc->pin[pins[n]], &w->listener);
    }
    return 0;
}
