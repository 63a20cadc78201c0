# Builds a program of this directory for a board, whose Makefile includes this file and says:
#   BOARD       its name
#   CROSS       what the names of the compiler's programs begin with
#   TARGET.…    what `cargo xtask capi` is told, for each board
#   CPU.…       the core, as GCC is told
#   MEMORY.…    the linker script that has flash and RAM
#   START       start-up code and output: objects
#   LIBC.…      GCC's flags for each libc when it links
#   HEADERS.…   and when it compiles, for a libc that is not the compiler's own
#   QEMU        the emulator, up to the program

MODEL ?= ../../models/keyboard.egpt
PROGRAM ?= main
OUT ?= build/$(BOARD)
# What `cargo xtask capi --target … --out …` has written
EGPT ?= $(OUT)/egpt

# What is linked with the program, in this order
LIBRARIES ?= $(EGPT)/lib/libembedded_gpt.a

CC := $(CROSS)gcc
PROGRAMS := ../c-programs

CFLAGS += -std=c99 -Wall -Wextra -Werror -Os -g $(CPU.$(BOARD)) -ffunction-sections -fdata-sections
CFLAGS += -I$(EGPT)/include -I$(PROGRAMS)
CFLAGS += $(HEADERS.$(LIBC))
LDFLAGS += $(CPU.$(BOARD)) -nostartfiles -L. -T $(MEMORY.$(BOARD)).ld -T $(PROGRAMS)/link.ld
LDFLAGS += -Wl,--gc-sections -Wl,-z,noexecstack -Wl,--fatal-warnings -Wl,-Map=$(OUT)/$(PROGRAM).map

ELF := $(OUT)/$(PROGRAM).elf
OBJECTS := $(addprefix $(OUT)/,$(PROGRAM).o $(START) print.o model.o)
ifeq ($(PROGRAM),said)
OBJECTS += $(OUT)/say_all.o
endif

# Each compiles against the header of the library, and anew when settings change.
NEEDS := $(EGPT)/lib/libembedded_gpt.a $(PROGRAMS)/board.h $(OUT)/settings

$(ELF): $(OBJECTS) $(EGPT)/lib/libembedded_gpt.a $(PROGRAMS)/link.ld $(MEMORY.$(BOARD)).ld $(OUT)/settings
	$(CC) $(OBJECTS) $(LIBRARIES) $(LDFLAGS) $(LIBC.$(LIBC)) -o $@

$(OUT)/%.o: $(PROGRAMS)/%.c $(NEEDS)
	$(CC) $(CFLAGS) -c $< -o $@

$(OUT)/%.o: %.c $(NEEDS)
	$(CC) $(CFLAGS) -c $< -o $@

$(OUT)/%.o: %.S $(NEEDS)
	$(CC) $(CPU.$(BOARD)) -c $< -o $@

$(OUT)/say_all.o: ../../capi/tests/said.c $(NEEDS)
	$(CC) $(CFLAGS) -c $< -o $@

$(OUT)/model.o: ../../capi/cmake/model.S $(MODEL) $(NEEDS)
	$(CC) $(CPU.$(BOARD)) -DMODEL='"$(MODEL)"' -c $< -o $@

$(EGPT)/lib/libembedded_gpt.a:
	cargo xtask capi --target $(TARGET.$(BOARD)) --out $(abspath $(EGPT))

# Changes when another model or other libraries are asked for.
$(OUT)/settings: FORCE
	@mkdir -p $(OUT)
	@echo '$(MODEL) $(LIBC) $(LIBRARIES)' | cmp -s - $@ || echo '$(MODEL) $(LIBC) $(LIBRARIES)' > $@

.PHONY: run clean FORCE
.DEFAULT_GOAL := $(ELF)
FORCE:

run: $(ELF)
	$(QEMU) $<

clean:
	rm -rf $(OUT)
