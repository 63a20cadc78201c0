// sums_q8 of cores with the DSP extension; see arm_dsp.rs.
    .syntax unified
    .thumb
    .section .text.egpt_sums_q8, "ax", %progbits

// 4 columns of 4 rows: 18 instructions for 16 products. A load of several words takes one cycle more than it has words,
// single loads two each. Neighbouring smlads have different sums, so that none waits for the one before it.
    .macro egpt_q8_tile
    ldmia r0!, {r8-r11}
    ldmia r1!, {r12, lr}
    uxtb16 r3, r8
    smlad r4, r3, r12, r4
    uxtb16 r3, r9
    smlad r5, r3, r12, r5
    uxtb16 r3, r10
    smlad r6, r3, r12, r6
    uxtb16 r3, r11
    smlad r7, r3, r12, r7
    uxtb16 r8, r8, ror #8
    smlad r4, r8, lr, r4
    uxtb16 r9, r9, ror #8
    smlad r5, r9, lr, r5
    uxtb16 r10, r10, ror #8
    smlad r6, r10, lr, r6
    uxtb16 r11, r11, ror #8
    smlad r7, r11, lr, r7
    .endm

// r0 tiles, r1 input, r2 n_col16, r3 n_block; on the stack init and sums.
//
// In the loop: r0 tiles, r1 input, r2 its end, r3 scratch, r4-r7 sums of the rows, r8-r11 their words, r12 and lr
// inputs. Frame: 0 start of the input, 4-16 four times init, 20 sums, 24 their end.
    .global egpt_sums_q8
    .type egpt_sums_q8, %function
    .balign 4
    .thumb_func
egpt_sums_q8:
    cbnz r3, 1f
    bx lr
1:
    push {r4-r11, lr}
    sub sp, #28
    ldrd r4, r5, [sp, #64]
    str r1, [sp]
    strd r4, r4, [sp, #4]
    strd r4, r4, [sp, #12]
    add r3, r5, r3, lsl #4
    strd r5, r3, [sp, #20]
    add r2, r1, r2, lsl #5
2:
    ldmia sp, {r1, r4-r7}
3:
    .rept 4
    egpt_q8_tile
    .endr
    cmp r1, r2
    bne 3b
    ldrd r8, r9, [sp, #20]
    stmia r8!, {r4-r7}
    str r8, [sp, #20]
    cmp r8, r9
    bne 2b
    add sp, #28
    pop {r4-r11, pc}
    .size egpt_sums_q8, . - egpt_sums_q8
    .purgem egpt_q8_tile
