/* Option bytes: reading what is in force, changing a write protection and the brown-out level,
 * launching the change. */
#include "soc.h"

enum {
    OPTKEYR = 0x08,
    OPTCR = 0x18,
    OPTSR_CUR = 0x1C,
    OPTSR_PRG = 0x20,
    PRAR_CUR = 0x28,
    PRAR_PRG = 0x2C,
    SCAR_CUR = 0x30,
    WPSN_CUR = 0x38,
    WPSN_PRG = 0x3C,
    BOOT_CUR = 0x40,
    BOOT_PRG = 0x44,
    BANK2 = 0x100,
    OPTLOCK = 1 << 0,
    OPTSTART = 1 << 1,
    LIMIT = 50000,
};

static bool launch(void)
{
    R(FLASH, OPTCR) |= OPTSTART;
    if (!wait_for(&R(FLASH, OPTSR_CUR), 1, 0, LIMIT))
        return false;
    return !(R(FLASH, OPTSR_CUR) & BIT(30));
}

int main(void)
{
    uint32_t wpsn, options;

    begin();
    equal("RDP level 0", R(FLASH, OPTSR_CUR) >> 8 & 0xFF, 0xAA);
    equal("banks are not swapped", R(FLASH, OPTSR_CUR) >> 31, 0);
    equal("watchdog by software", R(FLASH, OPTSR_CUR) >> 4 & 1, 1);
    equal("boot addresses", R(FLASH, BOOT_CUR), 0x1FF00800);
    equal("no write protection", R(FLASH, WPSN_CUR + BANK2), 0xFFFFFFFF);
    check("no protected area", (R(FLASH, PRAR_CUR) & 0xFFF) > (R(FLASH, PRAR_CUR) >> 16 & 0xFFF));
    check("no secure area", (R(FLASH, SCAR_CUR) & 0xFFF) > (R(FLASH, SCAR_CUR) >> 16 & 0xFFF));
    check("locked", R(FLASH, OPTCR) & OPTLOCK);
    R(FLASH, OPTKEYR) = 0x08192A3B;
    R(FLASH, OPTKEYR) = 0x4C5D6E7F;
    check("unlocked", !(R(FLASH, OPTCR) & OPTLOCK));

    wpsn = R(FLASH, WPSN_CUR + BANK2) & ~BIT(31);
    R(FLASH, WPSN_PRG + BANK2) = wpsn;
    options = R(FLASH, OPTSR_PRG);
    R(FLASH, OPTSR_PRG) = (options & ~(3u << 2)) | 1u << 2;
    equal("not in force before the launch", R(FLASH, WPSN_CUR + BANK2), 0xFFFFFFFF);
    check("launch", launch());
    equal("write protection in force", R(FLASH, WPSN_CUR + BANK2), wpsn);
    equal("brown-out level in force", R(FLASH, OPTSR_CUR) >> 2 & 3, 1);

    R(FLASH, WPSN_PRG + BANK2) = 0xFFFFFFFF;
    R(FLASH, OPTSR_PRG) = options;
    check("launch back", launch());
    equal("write protection gone", R(FLASH, WPSN_CUR + BANK2), 0xFFFFFFFF);
    equal("options as they were", R(FLASH, OPTSR_CUR) & 0xFFFFFF00, options & 0xFFFFFF00);
    R(FLASH, OPTCR) |= OPTLOCK;
    check("locked again", R(FLASH, OPTCR) & OPTLOCK);
    end();
}
