// Attention of a head on cores with the DSP extension; see thumb2_attention.rs.
    .syntax unified
    .thumb

// sum += query · key for four numbers at \offset, whose factors are in the order of sxtb16: 0 and 2, 1 and 3.
    .macro egpt_dot4 offset, even, odd
    ldr r3, [r0, #\offset]
    sxtb16 lr, r3
    smlad r12, lr, \even, r12
    sxtb16 r3, r3, ror #8
    smlad r12, r3, \odd, r12
    .endm

// r4-r7: eight numbers of the query at r3, in the order above. Uses r8.
    .macro egpt_query8
    ldr r4, [r3]
    ldr r5, [r3, #4]
    ldr r6, [r3, #8]
    ldr r7, [r3, #12]
    pkhbt r8, r4, r5, lsl #16
    pkhtb r5, r5, r4, asr #16
    mov r4, r8
    pkhbt r8, r6, r7, lsl #16
    pkhtb r7, r7, r6, asr #16
    mov r6, r8
    .endm

// r0 key, r1 bytes of a record, r2 sums, r3 query; on the stack the number of keys.
    .section .text.egpt_dots8, "ax", %progbits
    .global egpt_dots8
    .type egpt_dots8, %function
    .balign 4
    .thumb_func
egpt_dots8:
    push {r4-r9, lr}
    ldr r9, [sp, #28]
    egpt_query8
1:
    ldr r12, [r2]
    egpt_dot4 0, r4, r5
    egpt_dot4 4, r6, r7
    add r0, r1
    str r12, [r2], #4
    subs r9, #1
    bne 1b
    pop {r4-r9, pc}
    .size egpt_dots8, . - egpt_dots8

// r0 key, r1 bytes of a record, r2 scores, r3 query; on the stack where the code is from the key, the shift to the
// right, the number of keys after the first · 256 + the shift to the left, the mantissa, powers of 2^(1/16).
//
// In the loop: r4-r7 query, r8 the largest score, r9-r11 the first three of the stack; on the stack the factors.
    .section .text.egpt_scores, "ax", %progbits
    .global egpt_scores
    .type egpt_scores, %function
    .balign 4
    .thumb_func
egpt_scores:
    push {r4-r11, lr}
    add r12, sp, #36
    ldm r12, {r9-r12, lr}
    egpt_factors
    egpt_query8
    mov r8, #0x80000000
2:
    ldr r12, [r2]
    egpt_dot4 0, r4, r5
    egpt_dot4 4, r6, r7
    ldrb r3, [r0, r9]
    add r0, r1
    and lr, r3, #15
    lsl r12, r12, r11
    ldr lr, [sp, lr, lsl #2]
    sub r3, r10, r3, lsr #4
    smmul r12, r12, lr
    usat r3, #5, r3
    asr r12, r12, r3
    str r12, [r2], #4
    cmp r12, r8
    it gt
    movgt r8, r12
    subs r11, #256
    bhs 2b
    mov r0, r8
    add sp, #64
    pop {r4-r11, pc}
    .size egpt_scores, . - egpt_scores

// r0 value, r1 bytes of a record, r2 weights, r3 number of values; on the stack sums, number of groups of four columns.
//
// In the loop: r3 values left less two, r4-r7 sums, r8 bytes of a record or 0 for a pair of which one is missing,
// r9 weights.
    .section .text.egpt_add_values, "ax", %progbits
    .global egpt_add_values
    .type egpt_add_values, %function
    .balign 4
    .thumb_func
egpt_add_values:
    push {r0, r3-r11, lr}
1:
    movs r4, #0
    movs r5, #0
    movs r6, #0
    movs r7, #0
    mov r8, r1
    mov r9, r2
    subs r3, #2
    bmi 3f
2:
    ldr r10, [r9], #4
    ldr r11, [r0]
    ldr r12, [r0, r8]
    add r0, r0, r8, lsl #1
    pkhbt lr, r11, r12, lsl #16
    pkhtb r12, r12, r11, asr #16
    sxtb16 r11, lr
    smlad r4, r11, r10, r4
    sxtb16 lr, lr, ror #8
    smlad r5, lr, r10, r5
    sxtb16 r11, r12
    smlad r6, r11, r10, r6
    sxtb16 r12, r12, ror #8
    smlad r7, r12, r10, r7
    subs r3, #2
    bpl 2b
3:
    adds r3, #1
    bne 4f
    mov r8, #0
    b 2b
4:
    ldr r12, [sp, #44]
    ldm r12, {r8-r11}
    sub r8, r8, r4
    sub r9, r9, r5
    sub r10, r10, r6
    sub r11, r11, r7
    stm r12!, {r8-r11}
    ldr lr, [sp, #48]
    subs lr, #1
    strd r12, lr, [sp, #44]
    ldrd r0, r3, [sp]
    add r0, r0, #4
    str r0, [sp]
    bne 1b
    add sp, #8
    pop {r4-r11, pc}
    .size egpt_add_values, . - egpt_add_values
    .purgem egpt_dot4
    .purgem egpt_query8
