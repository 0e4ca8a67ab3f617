# vboard/cpu: what reaches the bus of the core's loads and stores, through store buffer and data cache, with sanitizers.

CPU_MEMORY_TEST := $(BUILD)/tests/unit/cpu_memory/test_memory
CPU_MEMORY_OBJECTS := $(call objects_of,vboard-asan,cpu)

$(CPU_MEMORY_TEST): tests/unit/cpu_memory/test_memory.c $(CPU_MEMORY_OBJECTS)
	$(call quiet,CC,$@)mkdir -p $(@D) && $(HOST_CC) $(VBOARD_CFLAGS) $(SANITIZE) -o $@ $< $(CPU_MEMORY_OBJECTS) -lcmocka -lm

-include $(CPU_MEMORY_TEST).d

TEST_DEPS += $(CPU_MEMORY_TEST)
$(call add_test,unit,cpu-memory,60,$(CPU_MEMORY_TEST))
