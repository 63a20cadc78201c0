// sums_q4 of Armv7-M and Armv8-M mainline; see thumb2_q4.rs. The file that includes this one defines the macros
// egpt_q4_multiply and egpt_q4_drain.
    .syntax unified
    .thumb
    .section .text.egpt_sums_q4, "ax", %progbits

// The whole words of 4 rows times an input word; without a third operand added to the sums.
    .macro egpt_q4_whole input, s0=r4, s1=r5, s2=r6, s3=r7
    egpt_q4_multiply r4, r8, \input, \s0
    egpt_q4_multiply r5, r9, \input, \s1
    egpt_q4_multiply r6, r10, \input, \s2
    egpt_q4_multiply r7, r11, \input, \s3
    .endm

// One pair of codes of 4 rows times an input word.
    .macro egpt_q4_pair input, shift
    and r2, r3, r8, lsr #\shift
    egpt_q4_multiply r4, r2, \input, r4
    and r2, r3, r9, lsr #\shift
    egpt_q4_multiply r5, r2, \input, r5
    and r2, r3, r10, lsr #\shift
    egpt_q4_multiply r6, r2, \input, r6
    and r2, r3, r11, lsr #\shift
    egpt_q4_multiply r7, r2, \input, r7
    .endm

// What follows the whole words in a tile of 8 columns.
    .macro egpt_q4_pairs
    ldmia r1!, {r12, lr}
    egpt_q4_pair r12, 4
    egpt_q4_pair lr, 8
    .endm

// A tile whose first input word is in lr, and the next tile's.
    .macro egpt_q4_tile
    ldmia r0!, {r8-r11}
    egpt_q4_whole lr
    egpt_q4_pairs
    ldmia r1!, {r12, lr}
    egpt_q4_pair r12, 12
    .endm

// r0 tiles, r1 input, r2 n_col16, r3 n_block; on the stack init and sums.
//
// Frame: 0-12 totals, 16 start of the first group, 20 whether it has 16 columns only, 24-36 four times their first
// value, 40 sums, 44 their end, 48 end of the input.
    .global egpt_sums_q4
    .type egpt_sums_q4, %function
    .balign 4
    .thumb_func
egpt_sums_q4:
    cbnz r3, 1f
    bx lr
1:
    push {r4-r11, lr}
    sub sp, #52
    ldrd r4, r5, [sp, #88]
    ldr r6, [r1], #4
    add r4, r6
    strd r4, r4, [sp, #24]
    strd r4, r4, [sp, #32]
    add r3, r5, r3, lsl #4
    strd r5, r3, [sp, #40]
    // 17 words for 32 columns, 9 for the first 16.
    and r6, r2, #1
    strd r1, r6, [sp, #16]
    add r4, r2, #1
    lsrs r4, r4, #1
    add r4, r4, r2, lsl #3
    add r4, r1, r4, lsl #2
    str r4, [sp, #48]
    mov r3, #0x000F000F
2:
    add r2, sp, #16
    ldmia r2, {r1, r2, r4-r7}
    stmia sp, {r4-r7}
    cbz r2, 3f
    ldmia r1!, {r4, lr}
    mov r5, r4
    mov r6, r4
    mov r7, r4
    b 4f
3:
    ldmia r0!, {r8-r11}
    ldmia r1!, {r12, lr}
    egpt_q4_whole lr, r12, r12, r12, r12
    egpt_q4_pairs
    ldmia r1!, {r12, lr}
    egpt_q4_pair r12, 12
    egpt_q4_tile
4:
    egpt_q4_tile
    ldmia r0!, {r8-r11}
    egpt_q4_whole lr
    egpt_q4_pairs
    ldr r12, [r1], #4
    egpt_q4_pair r12, 12
    // Totals, and the accumulators into them.
    ldmia sp, {r8-r11}
    egpt_q4_drain r8, r4
    egpt_q4_drain r9, r5
    egpt_q4_drain r10, r6
    egpt_q4_drain r11, r7
    stmia sp, {r8-r11}
    ldr r2, [sp, #48]
    cmp r1, r2
    bne 3b
    ldrd r2, r12, [sp, #40]
    stmia r2!, {r8-r11}
    str r2, [sp, #40]
    cmp r2, r12
    bne 2b
    add sp, #52
    pop {r4-r11, pc}
    .size egpt_sums_q4, . - egpt_sums_q4
    .purgem egpt_q4_whole
    .purgem egpt_q4_pair
    .purgem egpt_q4_pairs
    .purgem egpt_q4_tile
    .purgem egpt_q4_multiply
    .purgem egpt_q4_drain
