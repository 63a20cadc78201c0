/* From reset to C, at the start of the flash. */
    .section .vectors, "ax"
    .global reset
    .balign 4
reset:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, stack_top
    .option push
    .option arch, +zicsr
    la t0, fault
    csrw mtvec, t0
    .option pop
    j start

/* A multiple of 4, as the register asks for. */
    .balign 4
fault:
    li a0, 1
    j end
