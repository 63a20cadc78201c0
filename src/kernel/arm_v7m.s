// sums_q8 of cores without the DSP extension; see arm_v7m.rs.
    .syntax unified
    .thumb
    .section .text.egpt_sums_q8, "ax", %progbits

// One column of 4 rows: the words as they are, then shifted for the next column.
    .macro egpt_q8_column input
    mla r8, r4, \input, r8
    lsrs r4, r4, #8
    mla r9, r5, \input, r9
    lsrs r5, r5, #8
    mla r10, r6, \input, r10
    lsrs r6, r6, #8
    mla r11, r7, \input, r11
    lsrs r7, r7, #8
    .endm

// 4 columns of 4 rows: 30 instructions for 16 products.
    .macro egpt_q8_tile
    ldmia r0!, {r4-r7}
    ldmia r1!, {r2, r3, r12, lr}
    egpt_q8_column r2
    egpt_q8_column r3
    egpt_q8_column r12
    mla r8, r4, lr, r8
    mla r9, r5, lr, r9
    mla r10, r6, lr, r10
    mla r11, r7, lr, r11
    .endm

// r0 tiles, r1 input, r2 n_col16, r3 n_block; on the stack init and sums.
//
// In the loop: r0 tiles, r1 input, r2, r3, r12, lr four inputs, r4-r7 words of the rows, r8-r11 their sums.
// Frame: 0 start of the input, 4-16 four times init, 20 sums, 24 their end, 28 end of the input.
    .global egpt_sums_q8
    .type egpt_sums_q8, %function
    .balign 4
    .thumb_func
egpt_sums_q8:
    cbnz r3, 1f
    bx lr
1:
    push {r4-r11, lr}
    sub sp, #32
    ldrd r4, r5, [sp, #68]
    str r1, [sp]
    strd r4, r4, [sp, #4]
    strd r4, r4, [sp, #12]
    add r3, r5, r3, lsl #4
    strd r5, r3, [sp, #20]
    add r2, r1, r2, lsl #6
    str r2, [sp, #28]
2:
    ldmia sp, {r1, r8-r11}
3:
    .rept 4
    egpt_q8_tile
    .endr
    ldr r4, [sp, #28]
    cmp r1, r4
    bne 3b
    ldrd r2, r3, [sp, #20]
    stmia r2!, {r8-r11}
    str r2, [sp, #20]
    cmp r2, r3
    bne 2b
    add sp, #32
    pop {r4-r11, pc}
    .size egpt_sums_q8, . - egpt_sums_q8
    .purgem egpt_q8_column
    .purgem egpt_q8_tile
