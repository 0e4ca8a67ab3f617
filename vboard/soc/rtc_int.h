/*
 * The inside of the RTC: rtc.c has its registers, rtc_time.c what passing time does to it.
 */
#ifndef VBOARD_SOC_RTC_INT_H
#define VBOARD_SOC_RTC_INT_H

#include "devices.h"

enum {
    TR = 0x00,
    DR = 0x04,
    SSR = 0x08,
    ICSR = 0x0C,
    PRER = 0x10,
    WUTR = 0x14,
    CR = 0x18,
    WPR = 0x24,
    CALR = 0x28,
    SHIFTR = 0x2C,
    TSTR = 0x30,
    TSDR = 0x34,
    TSSSR = 0x38,
    ALRMAR = 0x40, /* alarm B at +8 */
    ALRMASSR = 0x44,
    SR = 0x50,
    MISR = 0x54,
    SCR = 0x5C,
    CFGR = 0x60,
};

#define ICSR_ALRAWF    (1u << 0) /* alarm B: bit 1 */
#define ICSR_WUTWF     (1u << 2)
#define ICSR_SHPF      (1u << 3)
#define ICSR_INITS     (1u << 4)
#define ICSR_RSF       (1u << 5)
#define ICSR_INITF     (1u << 6)
#define ICSR_INIT      (1u << 7)
#define ICSR_RECALPF   (1u << 16)
#define CR_WUCKSEL     7u
#define CR_REFCKON     (1u << 4)
#define CR_BYPSHAD     (1u << 5)
#define CR_FMT         (1u << 6)
#define CR_ALRAE       (1u << 8) /* alarm B: bit 9; interrupt enables: bits 12, 13 */
#define CR_WUTE        (1u << 10)
#define CR_TSE         (1u << 11)
#define CR_IE_POS      12 /* ALRAIE, ALRBIE, WUTIE, TSIE: in the order of SR's flags */
#define CR_ADD1H       (1u << 16)
#define CR_SUB1H       (1u << 17)
#define CR_ITSE        (1u << 24)
#define SR_ALRF        3u
#define SR_WUTF        (1u << 2)
#define CALR_CALP      (1u << 15)
#define SHIFTR_ADD1S   (1u << 31)
#define BDCR_VSWRST    (1u << 16)
#define DR_RESET       0x00002101u /* Monday, 1 January of year 0 */
#define CLOCKS_RESTART 4           /* RM0455: INIT = 0 to the first count of the calendar */
#define CLOCKS_WRITE   2           /* ALRxE or WUTE = 0 to the write flag: "up to two RTCCLK" */
#define TICKS_RECAL    3           /* ck_apre cycles until a new calibration counts */

enum { EXTI_ALARM = 17, EXTI_WAKEUP = 19 };

#define NEVER INT64_MAX

/* Whole clocks since some start. */
struct counter {
    vtime since;   /* when ... */
    int64_t from;  /* ... this was the count; edges are counted from here */
    uint64_t hz;   /* 0 = stands still */
    uint32_t cost; /* 2^20 counts take so many clocks of hz (smooth calibration) */
};

enum { NO_CALIBRATION = 1 << 20 };

enum mode { COUNTS, INIT_ASKED, INIT_MODE };

struct shadow {
    uint32_t tr, dr, ssr;
};

struct rtc {
    struct device d;
    struct sched_event event;
    struct counter raw;  /* RTCCLK */
    struct counter fine; /* RTCCLK after calibration, within the second `base` */
    int64_t base;        /* calendar second in which `fine` is 0 */
    unsigned weekday;    /* 0 = Monday, on the day of calendar second 0 */
    int64_t seconds;     /* ck_spre edges before `base`, since reset */
    int hour;            /* ADD1H, SUB1H: to be added at the next second */
    uint32_t prer;       /* in force */
    enum mode mode;
    unsigned keys; /* of WPR's sequence that came; 2 = unlocked */

    /* All in counts of `raw`; NEVER = not under way. */
    int64_t init_at, shift_at, recal_at;
    int64_t alarm_writable_at[2], wakeup_writable_at;

    int64_t wakeup_at;  /* of `raw`, or of ck_spre edges, when the wake-up timer reaches 0 */
    bool wakeup_second; /* it counts ck_spre */
    vtime seen;         /* alarms up to here are accounted for */

    /* The bus interface. */
    struct shadow shadow;
    int64_t copy_from; /* count of `raw` from which on copies are made again */
    int64_t rsf_at;    /* ... at which RSF is set */
    bool locked_tr, locked_dr;
};

static inline struct rtc *rtc_of(struct device *d)
{
    return (struct rtc *)d;
}

static inline uint32_t *rtc_word(struct rtc *r, uint32_t offset)
{
    return device_reg(&r->d, offset);
}

static inline vtime rtc_now(const struct rtc *r)
{
    return sched_now(r->d.soc->sched);
}

/* CR.FMT: 12-hour format. */
static inline bool rtc_twelve(struct rtc *r)
{
    return *rtc_word(r, CR) & CR_FMT;
}

/* ---- rtc_time.c ---- */

int64_t rtc_count_at(const struct counter *c, vtime at);
/* The first time at which the count reaches n; VTIME_NEVER if the clock stands. */
vtime rtc_time_of(const struct counter *c, int64_t n);
/* Of `raw`, now. */
int64_t rtc_raw_now(struct rtc *r);

struct shadow rtc_calendar_at(struct rtc *r, vtime at);
uint32_t rtc_subsecond_at(const struct rtc *r, vtime at);
int64_t rtc_clocks_of_tick(const struct rtc *r);
/* Makes the present second the base, so that what follows may change the clock or the date. */
void rtc_rebase(struct rtc *r, vtime at);

/* What `cost` CALR asks for. */
uint32_t rtc_calibration(struct rtc *r);
void rtc_wakeup_start(struct rtc *r);
/* Copies into the shadow registers end and begin again (the first after count n of `raw`). */
void rtc_copies_stop(struct rtc *r, vtime at);
void rtc_copies_resume(struct rtc *r, int64_t n);
int64_t rtc_copy_after(int64_t n);
/* Flags that are raised and enabled. */
uint32_t rtc_masked(struct rtc *r);

/* Accounts for everything up to now; before a register is looked at or changed. */
void rtc_sync(struct rtc *r);
/* Plans what comes next; after a register was changed. */
void rtc_schedule(struct rtc *r);
/* The function of `event`. */
void rtc_event(void *ctx, vtime at);

#endif
