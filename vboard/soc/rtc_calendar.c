#include "rtc_calendar.h"

enum {
    MINUTE = 60,
    HOUR = 3600,
    DAY = 86400,
    YEARS = 100,
    FOUR_YEARS = 4 * 365 + 1,
    DAYS = YEARS / 4 * FOUR_YEARS,
};

#define TR_PM           (1u << 22)
#define ALRM_MSK(n)     (1u << (8 * (n)-1)) /* MSK1..MSK4: seconds, minutes, hours, day */
#define ALRM_WDSEL      (1u << 30)
#define ALRM_HOUR       0x007F0000u
#define ALRM_MINUTE     0x00007F00u
#define ALRM_SECOND     0x0000007Fu
#define ALRM_DAY(v)     ((v) >> 24 & 0x3F)
#define ALRM_WEEKDAY(v) ((v) >> 24 & 15)

struct date {
    unsigned year, month, day; /* month 1..12, day 1..31 */
};

/* Brings a second into the hundred years. */
static int64_t wrap(int64_t second)
{
    return second % ((int64_t)DAYS * DAY);
}

static unsigned month_days(unsigned year, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && year % 4 == 0);
}

static struct date date_of(int64_t second)
{
    unsigned days = (unsigned)(wrap(second) / DAY);
    struct date d = {.year = days / FOUR_YEARS * 4, .month = 1};

    days %= FOUR_YEARS;
    for (unsigned length = 366; days >= length; length = 365) {
        days -= length;
        d.year++;
    }
    while (days >= month_days(d.year, d.month))
        days -= month_days(d.year, d.month++);
    d.day = days + 1;
    return d;
}

static uint32_t bcd(unsigned n)
{
    return n / 10 << 4 | n % 10;
}

static unsigned binary(uint32_t field)
{
    return (field >> 4) * 10 + (field & 15);
}

static bool is_bcd(uint32_t field)
{
    return (field & 15) < 10 && field >> 4 < 10;
}

static unsigned clamp(unsigned n, unsigned low, unsigned high)
{
    return n < low ? low : n > high ? high : n;
}

uint32_t rtc_time_bcd(int64_t second, bool twelve)
{
    unsigned t = (unsigned)(wrap(second) % DAY), hour = t / HOUR;
    uint32_t pm = twelve && hour >= 12 ? TR_PM : 0;

    if (twelve)
        hour = hour % 12 ? hour % 12 : 12;
    return pm | bcd(hour) << 16 | bcd(t / MINUTE % 60) << 8 | bcd(t % MINUTE);
}

static unsigned weekday_of(int64_t second, unsigned weekday0)
{
    return (unsigned)((second / DAY + weekday0) % 7);
}

uint32_t rtc_date_bcd(int64_t second, unsigned weekday0)
{
    struct date d = date_of(second);

    return bcd(d.year) << 16 | (weekday_of(second, weekday0) + 1) << 13 | bcd(d.month) << 8 |
           bcd(d.day);
}

bool rtc_valid(uint32_t tr, uint32_t dr, bool twelve)
{
    unsigned hour = binary(tr >> 16 & 0x3F), month = binary(dr >> 8 & 0x1F);
    unsigned year = binary(dr >> 16 & 0xFF), day = binary(dr & 0x3F);

    if (!is_bcd(tr & 0x7F) || !is_bcd(tr >> 8 & 0x7F) || !is_bcd(tr >> 16 & 0x3F) ||
        !is_bcd(dr & 0x3F) || !is_bcd(dr >> 8 & 0x1F) || !is_bcd(dr >> 16 & 0xFF))
        return false;
    if (binary(tr & 0x7F) > 59 || binary(tr >> 8 & 0x7F) > 59)
        return false;
    if (twelve ? hour < 1 || hour > 12 : hour > 23 || tr & TR_PM)
        return false;
    return month >= 1 && month <= 12 && day >= 1 && day <= month_days(year, month) &&
           (dr >> 13 & 7);
}

int64_t rtc_second(uint32_t tr, uint32_t dr, bool twelve)
{
    unsigned hour = binary(tr >> 16 & 0x3F);
    unsigned year = clamp(binary(dr >> 16 & 0xFF), 0, YEARS - 1);
    unsigned month = clamp(binary(dr >> 8 & 0x1F), 1, 12);
    unsigned day = clamp(binary(dr & 0x3F), 1, month_days(year, month));
    int64_t days = year / 4 * FOUR_YEARS + (year % 4 ? year % 4 * 365 + 1 : 0) + day - 1;

    for (unsigned m = 1; m < month; m++)
        days += month_days(year, m);
    if (twelve)
        hour = hour % 12 + (tr & TR_PM ? 12 : 0);
    return days * DAY + (int64_t)clamp(hour, 0, 23) * HOUR +
           (int64_t)clamp(binary(tr >> 8 & 0x7F), 0, 59) * MINUTE +
           (int64_t)clamp(binary(tr & 0x7F), 0, 59);
}

unsigned rtc_weekday0(uint32_t dr, int64_t second)
{
    unsigned weekday = clamp(dr >> 13 & 7, 1, 7) - 1;

    return (weekday + 7 - (unsigned)(second / DAY % 7)) % 7;
}

static bool day_matches(uint32_t alarm, unsigned weekday0, int64_t second)
{
    if (alarm & ALRM_MSK(4))
        return true;
    if (alarm & ALRM_WDSEL)
        return weekday_of(second, weekday0) + 1 == ALRM_WEEKDAY(alarm);
    return bcd(date_of(second).day) == ALRM_DAY(alarm);
}

int64_t rtc_alarm_next(uint32_t alarm, bool twelve, unsigned weekday0, int64_t second)
{
    /* No date is further away than the 31st is just behind 31 August: 61 days. */
    const int64_t end = second + 63 * (int64_t)DAY;
    int64_t t = second;

    while (t < end) {
        uint32_t differs = rtc_time_bcd(t, twelve) ^ alarm;

        if (!day_matches(alarm, weekday0, t))
            t += DAY - t % DAY;
        else if (!(alarm & ALRM_MSK(3)) && differs & ALRM_HOUR)
            t += HOUR - t % HOUR;
        else if (!(alarm & ALRM_MSK(2)) && differs & ALRM_MINUTE)
            t += MINUTE - t % MINUTE;
        else if (!(alarm & ALRM_MSK(1)) && differs & ALRM_SECOND)
            t++;
        else
            return t - second;
    }
    return -1;
}
