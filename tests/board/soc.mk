# Firmware that nobody here wrote, on the virtual board: tests/board/soc/NAME.c, compiled and judged by test_soc.py. They
# share no code with firmware/ nor with vboard/.

SOC_BOARD_PROGRAMS := clocks power uart gpio_exti timers timer_pins rtc watchdog rng_crc flash flash_ecc option_bytes caches_mpu \
    usb_no_host usb_device sdmmc low_power standby start_up dma_streams uart_dma bdma mdma timer_dma timer_slave timer_motor timer_adc lptim dac spi i2c i2c_held adc ospi_indirect ospi_mapped

$(foreach name,$(SOC_BOARD_PROGRAMS),$(call add_test,board,soc-$(name),300,\
    CROSS_COMPILE=$(CROSS_COMPILE) $(PYTHON) tests/board/test_soc.py $(name)))
# Its processor time is a result.
$(call add_test_alone,board,soc-ospi_fill,120,CROSS_COMPILE=$(CROSS_COMPILE) $(PYTHON) tests/board/test_soc.py ospi_fill)
