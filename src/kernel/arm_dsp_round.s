// Rounding the input of a matrix on cores with the DSP extension; see thumb2_elementwise.rs.
    .syntax unified
    .thumb

// r0 to, r1 numbers, r2 how many, r3 shift to the left; on the stack the factor times 2^15, the shift to the right.
// Returns the sum of what is written.
//
// smmla adds half a unit before the shift to the right; smlad adds up a pair.
    .section .text.egpt_round_halves, "ax", %progbits
    .global egpt_round_halves
    .type egpt_round_halves, %function
    .balign 4
    .thumb_func
egpt_round_halves:
    push {r4-r11, lr}
    add r12, sp, #36
    ldm r12, {r8, r9}
    sub r4, r9, #1
    movs r10, #1
    lsl r10, r10, r4
    mov r11, #0x00010001
    movs r12, #0
    b 2f
1:
    ldmia r1!, {r4-r7}
    lsls r4, r4, r3
    lsls r5, r5, r3
    lsls r6, r6, r3
    lsls r7, r7, r3
    smmla r4, r4, r8, r10
    smmla r5, r5, r8, r10
    smmla r6, r6, r8, r10
    smmla r7, r7, r8, r10
    asr r4, r4, r9
    asr r5, r5, r9
    asr r6, r6, r9
    asr r7, r7, r9
    pkhbt r4, r4, r5, lsl #16
    pkhbt r6, r6, r7, lsl #16
    smlad r12, r4, r11, r12
    smlad r12, r6, r11, r12
    stmia r0!, {r4, r6}
2:
    subs r2, #4
    bhs 1b
    adds r2, #4
    beq 4f
3:
    ldr r4, [r1], #4
    lsls r4, r4, r3
    smmla r4, r4, r8, r10
    asr r4, r4, r9
    strh r4, [r0], #2
    add r12, r12, r4
    subs r2, #1
    bne 3b
4:
    mov r0, r12
    pop {r4-r11, pc}
    .size egpt_round_halves, . - egpt_round_halves
