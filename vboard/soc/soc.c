#include "soc.h"

#include <stdlib.h>
#include <string.h>

#include "devices.h"

enum {
    CPU_IRQ_LINES = IRQ_COUNT,
    CPU_PRIO_BITS = 4,
    CPU_MPU_REGIONS = 16,
    CPUID_M7_R1P1 = 0x411FC271,
    HSI_HZ = 64000000,
};

static uint64_t cycles(void *ctx)
{
    struct soc *soc = ctx;

    return cpu_cycles(soc->cpu);
}

static void limit(void *ctx, uint64_t cycle)
{
    struct soc *soc = ctx;

    cpu_limit(soc->cpu, cycle);
}

static uint32_t pc(void *ctx)
{
    struct soc *soc = ctx;

    return cpu_get(soc->cpu, CPU_PC);
}

static void reset_requested(void *ctx)
{
    soc_request_reset(ctx, SOC_RESET_SOFTWARE);
}

static void sleeping(void *ctx, bool deep)
{
    struct soc *soc = ctx;

    otg_sleeping(soc);
    if (deep)
        low_power_enter(soc);
}

static void woke(void *ctx)
{
    low_power_exit(ctx);
}

static void remark(void *ctx, uint32_t at, const char *text)
{
    struct soc *soc = ctx;

    complain(soc->complaints, GUEST_ERROR, "cpu", "at 0x%08x: %s", (unsigned)at, text);
}

static void nothing(void *ctx, vtime at)
{
    (void)ctx;
    (void)at;
}

static void exception(void *ctx, uint32_t number, bool entry)
{
    const struct soc *soc = ctx;

    if (soc->observer && soc->observer->exception)
        soc->observer->exception(soc->observer->ctx, number, entry);
}

static int create_devices(struct soc *soc)
{
    static int (*const create[])(struct soc *) = {
        rcc_create,       signals_create,  pwr_create,    memory_create,  flash_create,
        flash_otp_create, syscfg_create,   exti_create,   gpio_create,    low_power_create,
        dma_create,       bdma_create,     mdma_create,   usart_create,   spi_create,
        i2c_create,       adc_create,      dac_create,    timer_create,   lptim_create,
        rtc_create,       watchdog_create, random_create, crc_create,     otg_create,
        bootrom_create,   blocks_create,   sdmmc_create,  octospi_create,
    };

    for (size_t i = 0; i < sizeof create / sizeof create[0]; i++) {
        if (create[i](soc) < 0)
            return -1;
    }
    return 0;
}

struct soc *soc_new(const struct soc_config *config)
{
    struct soc *soc = calloc(1, sizeof *soc);
    struct cpu_config cpu = {
        .irq_count = CPU_IRQ_LINES,
        .prio_bits = CPU_PRIO_BITS,
        .mpu_regions = CPU_MPU_REGIONS,
        .cpuid = CPUID_M7_R1P1,
        .seed = config->seed,
        .ctx = soc,
        .on_reset_request = reset_requested,
        .on_sleep = sleeping,
        .on_wake = woke,
        .on_exception = exception,
        .on_remark = remark,
    };
    struct sched_source source = {.ctx = soc, .cycles = cycles, .limit = limit};

    if (!soc)
        return NULL;
    soc->config = *config;
    soc->run_end = (struct sched_event){.fn = nothing};
    soc->bus = bus_new();
    cpu.bus = soc->bus;
    soc->cpu = soc->bus ? cpu_new(&cpu) : NULL;
    soc->sched = soc->cpu ? sched_new(&source, HSI_HZ) : NULL;
    soc->complaints = soc->sched ? complaints_new(soc->sched, pc, soc) : NULL;
    if (!soc->complaints || create_devices(soc) < 0) {
        soc_free(soc);
        return NULL;
    }
    soc_reset(soc, SOC_RESET_POWER_ON);
    return soc;
}

void soc_free(struct soc *soc)
{
    if (!soc)
        return;
    while (soc->devices) {
        struct device *d = soc->devices;

        soc->devices = d->next;
        device_free(d);
    }
    complaints_free(soc->complaints);
    sched_free(soc->sched);
    if (soc->cpu)
        cpu_free(soc->cpu);
    bus_free(soc->bus);
    free(soc);
}

void soc_boot(struct soc *soc)
{
    cpu_reset(soc->cpu, flash_boot_address(soc, soc->config.boot0));
}

void soc_reset(struct soc *soc, enum soc_reset_kind kind)
{
    enum soc_power was = soc->power;

    soc->reset_pending = false;
    soc->resets++;
    soc->power = SOC_RUNS;
    for (unsigned line = 0; line < IRQ_COUNT; line++)
        soc_irq(soc, line, false);
    if (was == SOC_STANDBY)
        memory_power_on(soc, pwr_backup_regulator(soc));
    if (kind == SOC_RESET_POWER_ON) {
        memory_power_on(soc, false);
        pwr_power_on(soc);
        soc->rules_broken = soc->rules_biting = 0;
    }
    rcc_note_reset(soc, kind);
    for (struct device *d = soc->devices; d; d = d->next) {
        if (!d->backup_domain || kind == SOC_RESET_POWER_ON)
            device_reset(d);
    }
    soc_clocks_update(soc);
    memory_gates_changed(soc);
    if (soc->on_reset)
        soc->on_reset(soc->on_reset_ctx, kind);
    soc_boot(soc);
}

void soc_request_reset(struct soc *soc, enum soc_reset_kind kind)
{
    if (soc->reset_pending)
        return;
    soc->reset_pending = true;
    soc->pending_kind = kind;
    /* A request from an event, between two runs, must not stop the first run after the reset. */
    if (soc->running)
        cpu_request_stop(soc->cpu);
}

int soc_load(struct soc *soc, uint32_t addr, const void *bytes, size_t n)
{
    const uint8_t *from = bytes;
    uint32_t at = addr;

    for (size_t left = n; left;) {
        uint8_t chunk[BUS_MAX_SIZE];
        uint32_t size = BUS_MAX_SIZE - at % BUS_MAX_SIZE;
        struct bus_access a = {.addr = at, .attr = BUS_DEBUG | BUS_PRIVILEGED, .write = true};

        if (size > left)
            size = (uint32_t)left;
        memcpy(chunk, from, size);
        a.size = size;
        a.strobe = size == 32 ? 0xFFFFFFFFu : (1u << size) - 1;
        a.data = chunk;
        if (at >> 28 >= 4 || bus_do(soc->bus, &a) != BUS_OK)
            return -1; /* registers and the PPB are no memory */
        at += size;
        from += size;
        left -= size;
    }
    bus_changed(soc->bus, addr, (uint32_t)n);
    return 0;
}

/* One instruction, watched by the observer if there is one; or the sleep up to the next event. */
static enum cpu_stop step(struct soc *soc)
{
    const struct soc_observer *o = soc->observer;
    bool watched = o && o->before;
    enum cpu_stop stop;

    if (cpu_sleeping(soc->cpu))
        return cpu_run(soc->cpu, sched_cycle_of(soc->sched, sched_next(soc->sched)));
    if (watched)
        o->before(o->ctx);
    stop = cpu_step(soc->cpu);
    if (watched)
        o->after(o->ctx);
    return stop;
}

enum cpu_stop soc_step(struct soc *soc)
{
    if (soc->reset_pending)
        soc_reset(soc, soc->pending_kind);
    sched_run(soc->sched);
    /* Nobody may ever wake a sleeping core. */
    sched_at(soc->sched, &soc->run_end, sched_now(soc->sched) + VTIME_MS);
    soc->running = true;
    enum cpu_stop stop = step(soc);

    soc->running = false;
    sched_cancel(soc->sched, &soc->run_end);
    return stop;
}

enum cpu_stop soc_run(struct soc *soc, vtime until)
{
    enum cpu_stop stop;

    for (;;) {
        if (soc->reset_pending)
            soc_reset(soc, soc->pending_kind);
        sched_run(soc->sched);
        if (soc->reset_pending)
            continue;
        if (sched_now(soc->sched) >= until)
            return CPU_TIME;
        /* The end of the run is an event too, so that it moves with the clock frequency. */
        sched_at(soc->sched, &soc->run_end, until);
        soc->running = true;
        cpu_event(soc->cpu, sched_cycle_of(soc->sched, sched_next_but(soc->sched, &soc->run_end)));
        stop = soc->observer && soc->observer->before
                   ? step(soc)
                   : cpu_run(soc->cpu, sched_cycle_of(soc->sched, sched_next(soc->sched)));
        soc->running = false;
        sched_cancel(soc->sched, &soc->run_end);
        if (stop != CPU_TIME && !(stop == CPU_REQUESTED && soc->reset_pending))
            return stop;
    }
}

void soc_irq(struct soc *soc, unsigned line, bool level)
{
    if (soc->power == SOC_STANDBY)
        return; /* the NVIC is off, and comes back from a reset */
    cpu_irq(soc->cpu, line, level);
}
