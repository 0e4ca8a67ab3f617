# `make vboard`: the virtual board, as build/vboard/vboard; the same with sanitizers as build/vboard-asan/vboard.

include vboard/cpu/flags.mk

VBOARD_SOURCES := $(wildcard vboard/*/*.c)
# Hidden: tests link the core with libunicorn, which has functions of the same names and would call ours.
VBOARD_CFLAGS := -D_GNU_SOURCE $(HOST_CFLAGS) -fvisibility=hidden
VBOARD_LIBS := -lm -lutil
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

vboard: $(BUILD)/vboard/vboard

# $(call objects_of,FOLDER,PARTS...): the objects of vboard/PARTS/*.c in build/FOLDER (vboard or vboard-asan), for tests.
objects_of = $(foreach part,$(2),$(filter $(BUILD)/$(strip $(1))/obj/vboard/$(part)/%,$($(strip $(1))_objects)))

# $(1) folder below build/, $(2) flags for compiler and linker
define vboard_in
$(1)_objects := $$(VBOARD_SOURCES:%.c=$(BUILD)/$(1)/obj/%.o)
$(1)_stamp := $$(call flags_stamp,$(1),$$(HOST_CC) $$(VBOARD_CFLAGS) $(2) $$(VBOARD_SOURCES))

$$($(1)_objects): $(BUILD)/$(1)/obj/%.o: %.c $$($(1)_stamp) vboard/cpu/flags.mk
	$$(call quiet,CC,$$<)mkdir -p $$(@D) && $$(HOST_CC) $$(VBOARD_CFLAGS) $(2) $$(CFLAGS_$$<) -c -o $$@ $$<

$(BUILD)/$(1)/vboard: $$($(1)_objects)
	$$(call quiet,LD,$$@)$$(HOST_CC) $(2) -o $$@ $$^ $$(VBOARD_LIBS)

-include $$($(1)_objects:.o=.d)
endef
$(eval $(call vboard_in,vboard,))
$(eval $(call vboard_in,vboard-asan,$(SANITIZE)))
