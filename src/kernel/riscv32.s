// sums_q8 and sums_q4 of 32-bit RISC-V with multiplication; see riscv32.rs.
    .option push
    // Link-time optimization assembles without the target's flags.
    .option arch, +m
    .section .text.egpt_sums_q8, "ax", @progbits

// Both functions work in strips: a few columns of all rows, with their inputs in registers: s0-s11, a6, a7, ra, t6.
// t0-t5, a4 and a5 are for the weights.
    .macro egpt_rv_save
    addi sp, sp, -64
    sw ra, 0(sp)
    sw s0, 4(sp)
    sw s1, 8(sp)
    sw s2, 12(sp)
    sw s3, 16(sp)
    sw s4, 20(sp)
    sw s5, 24(sp)
    sw s6, 28(sp)
    sw s7, 32(sp)
    sw s8, 36(sp)
    sw s9, 40(sp)
    sw s10, 44(sp)
    sw s11, 48(sp)
    .endm

    .macro egpt_rv_restore
    lw ra, 0(sp)
    lw s0, 4(sp)
    lw s1, 8(sp)
    lw s2, 12(sp)
    lw s3, 16(sp)
    lw s4, 20(sp)
    lw s5, 24(sp)
    lw s6, 28(sp)
    lw s7, 32(sp)
    lw s8, 36(sp)
    lw s9, 40(sp)
    lw s10, 44(sp)
    lw s11, 48(sp)
    addi sp, sp, 64
    .endm

// Every total is init, a4, at first. a3 blocks (made the end of the sums), a5 sums.
    .macro egpt_rv_fill
    sw a5, 60(sp)
    slli a3, a3, 4
    add a3, a5, a3
1:
    sw a4, 0(a5)
    sw a4, 4(a5)
    sw a4, 8(a5)
    sw a4, 12(a5)
    addi a5, a5, 16
    bne a5, a3, 1b
    .endm

    .macro egpt_rv_load_inputs base
    lw s0, \base+0(a1)
    lw s1, \base+4(a1)
    lw s2, \base+8(a1)
    lw s3, \base+12(a1)
    lw s4, \base+16(a1)
    lw s5, \base+20(a1)
    lw s6, \base+24(a1)
    lw s7, \base+28(a1)
    .endm

    .macro egpt_rv_load_more_inputs base
    lw s8, \base+32(a1)
    lw s9, \base+36(a1)
    lw s10, \base+40(a1)
    lw s11, \base+44(a1)
    lw a6, \base+48(a1)
    lw a7, \base+52(a1)
    lw ra, \base+56(a1)
    lw t6, \base+60(a1)
    .endm

// 4 columns of two rows, whose words are at a place after a0: 24 instructions for 8 products. No result is used by
// the next instruction, as products and loads take more than one cycle on many cores.
    .macro egpt_q8_rows place, x0, x1, x2, x3
    lw t0, \place(a0)
    lw t1, \place+4(a0)
    mul t2, t0, \x0
    srli t0, t0, 8
    mul t3, t1, \x0
    srli t1, t1, 8
    add a4, a4, t2
    mul t2, t0, \x1
    srli t0, t0, 8
    add a5, a5, t3
    mul t3, t1, \x1
    srli t1, t1, 8
    add a4, a4, t2
    mul t2, t0, \x2
    srli t0, t0, 8
    add a5, a5, t3
    mul t3, t1, \x2
    srli t1, t1, 8
    add a4, a4, t2
    mul t0, t0, \x3
    add a5, a5, t3
    mul t1, t1, \x3
    add a4, a4, t0
    add a5, a5, t1
    .endm

// 16 columns of two rows.
    .macro egpt_q8_two_rows row
    lw a4, 4*\row(t4)
    lw a5, 4*\row+4(t4)
    egpt_q8_rows 4*\row, s0, s1, s2, s3
    egpt_q8_rows 4*\row+16, s4, s5, s6, s7
    egpt_q8_rows 4*\row+32, s8, s9, s10, s11
    egpt_q8_rows 4*\row+48, a6, a7, ra, t6
    sw a4, 4*\row(t4)
    sw a5, 4*\row+4(t4)
    .endm

// a0 tiles, a1 input, a2 n_col16, a3 n_block, a4 init, a5 sums.
//
// In the loop: a0 tiles of a block, a1 next strip's input, a2 bytes of a block, a3 end of the sums, t4 sums, t0 and
// t1 words, t2 and t3 products, a4 and a5 totals. On the stack: 52 next strip's tiles, 56 strips left, 60 sums.
    .global egpt_sums_q8
    .type egpt_sums_q8, @function
    .balign 4
egpt_sums_q8:
    beqz a3, 4f
    egpt_rv_save
    egpt_rv_fill
    sw a2, 56(sp)
    slli a2, a2, 6
2:
    addi t0, a0, 64
    sw t0, 52(sp)
    lw t4, 60(sp)
    egpt_rv_load_inputs 0
    egpt_rv_load_more_inputs 0
    addi a1, a1, 64
3:
    egpt_q8_two_rows 0
    egpt_q8_two_rows 2
    add a0, a0, a2
    addi t4, t4, 16
    bne t4, a3, 3b
    lw a0, 52(sp)
    lw t0, 56(sp)
    addi t0, t0, -1
    sw t0, 56(sp)
    bnez t0, 2b
    egpt_rv_restore
4:
    ret
    .size egpt_sums_q8, . - egpt_sums_q8

    .section .text.egpt_sums_q4, "ax", @progbits

// 8 columns of one row, whose word is at a place after a0: 15 instructions for 8 products, added to from.
    .macro egpt_q4_word place, x0, x1, x2, x3, from=t2
    lw t0, \place(a0)
    srli t1, t0, 4
    mul t3, t0, \x0
    and t1, t1, a4
    srli t5, t0, 8
    mul t1, t1, \x1
    and t5, t5, a4
    add t2, \from, t3
    mul t5, t5, \x2
    srli t0, t0, 12
    add t2, t2, t1
    and t0, t0, a4
    mul t0, t0, \x3
    add t2, t2, t5
    add t2, t2, t0
    .endm

// 32 columns of one row: 64 instructions.
    .macro egpt_q4_row row
    egpt_q4_word 4*\row, s0, s1, s2, s3, a5
    egpt_q4_word 4*\row+16, s4, s5, s6, s7
    egpt_q4_word 4*\row+32, s8, s9, s10, s11
    egpt_q4_word 4*\row+48, a6, a7, ra, t6
    lw t3, 4*\row(t4)
    srai t2, t2, 16
    add t3, t3, t2
    sw t3, 4*\row(t4)
    .endm

// a0 tiles, a1 input, a2 n_col16, a3 n_block, a4 init, a5 sums.
//
// In the loop: a0 tiles of a block, a1 next group's input, a2 bytes of a block, a3 end of the sums, a4 mask, a5
// start of the accumulators, t4 sums, t0, t1, t3, t5 codes and products, t2 accumulator. On the stack: 52 next
// group's tiles, 56 groups of 32 columns left, 60 sums.
//
// If the 16 columns are odd in number, the first group has 16 columns only. It is multiplied as if it had 32, with
// zeros as inputs: what it reads too much are the next tiles, or the 32 bytes behind the last.
    .global egpt_sums_q4
    .type egpt_sums_q4, @function
    .balign 4
egpt_sums_q4:
    bnez a3, 5f
    ret
5:
    egpt_rv_save
    lw t0, 0(a1)
    addi a1, a1, 4
    add a4, a4, t0
    egpt_rv_fill
    andi t1, a2, 1
    srli t0, a2, 1
    sw t0, 56(sp)
    slli a2, a2, 5
    lui a4, 0xF0
    addi a4, a4, 0xF
    beqz t1, 2f
    addi t0, a0, 32
    sw t0, 52(sp)
    lw t4, 60(sp)
    lw a5, 0(a1)
    egpt_rv_load_inputs 4
    li s8, 0
    li s9, 0
    li s10, 0
    li s11, 0
    li a6, 0
    li a7, 0
    li ra, 0
    li t6, 0
    addi a1, a1, 36
    j 3f
2:
    lw t0, 56(sp)
    beqz t0, 4f
    addi t0, t0, -1
    sw t0, 56(sp)
    addi t0, a0, 64
    sw t0, 52(sp)
    lw t4, 60(sp)
    lw a5, 0(a1)
    egpt_rv_load_inputs 4
    egpt_rv_load_more_inputs 4
    addi a1, a1, 68
3:
    egpt_q4_row 0
    egpt_q4_row 1
    egpt_q4_row 2
    egpt_q4_row 3
    add a0, a0, a2
    addi t4, t4, 16
    bne t4, a3, 3b
    lw a0, 52(sp)
    j 2b
4:
    egpt_rv_restore
    ret
    .size egpt_sums_q4, . - egpt_sums_q4
    .option pop
