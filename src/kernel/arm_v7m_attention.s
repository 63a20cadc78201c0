// Attention of a head on cores without the DSP extension; see thumb2_attention.rs.
    .syntax unified
    .thumb

// r0 key, r1 bytes of a record, r2 sums, r3 query; on the stack the number of keys.
//
// In the loop: r3-r10 query, r11 sum, lr keys left.
    .section .text.egpt_dots8, "ax", %progbits
    .global egpt_dots8
    .type egpt_dots8, %function
    .balign 4
    .thumb_func
egpt_dots8:
    push {r4-r11, lr}
    ldr lr, [sp, #36]
    ldrsh r4, [r3, #2]
    ldrsh r5, [r3, #4]
    ldrsh r6, [r3, #6]
    ldrsh r7, [r3, #8]
    ldrsh r8, [r3, #10]
    ldrsh r9, [r3, #12]
    ldrsh r10, [r3, #14]
    ldrsh r3, [r3]
1:
    ldr r11, [r2]
    ldrsb r12, [r0]
    mla r11, r12, r3, r11
    ldrsb r12, [r0, #1]
    mla r11, r12, r4, r11
    ldrsb r12, [r0, #2]
    mla r11, r12, r5, r11
    ldrsb r12, [r0, #3]
    mla r11, r12, r6, r11
    ldrsb r12, [r0, #4]
    mla r11, r12, r7, r11
    ldrsb r12, [r0, #5]
    mla r11, r12, r8, r11
    ldrsb r12, [r0, #6]
    mla r11, r12, r9, r11
    ldrsb r12, [r0, #7]
    mla r11, r12, r10, r11
    add r0, r1
    str r11, [r2], #4
    subs lr, #1
    bne 1b
    pop {r4-r11, pc}
    .size egpt_dots8, . - egpt_dots8

// r0 key, r1 bytes of a record, r2 scores, r3 query; on the stack where the code is from the key, the shift to the
// right, the number of keys after the first · 256 + the shift to the left, the mantissa, powers of 2^(1/16).
//
// In the loop: r8 the largest score, r9-r11 the first three of the stack; on the stack the factors.
    .section .text.egpt_scores, "ax", %progbits
    .global egpt_scores
    .type egpt_scores, %function
    .balign 4
    .thumb_func
egpt_scores:
    push {r4-r11, lr}
    ldr r12, [sp, #44]
    lsr r12, r12, #8
    add r12, r12, #1
    push {r0-r2, r12}
    push {r12}
    bl egpt_dots8
    add sp, #4
    pop {r0-r2, r12}
    add r12, sp, #36
    ldm r12, {r9-r12, lr}
    egpt_factors
    mov r8, #0x80000000
1:
    ldr r12, [r2]
    ldrb r3, [r0, r9]
    add r0, r1
    and lr, r3, #15
    lsl r12, r12, r11
    ldr lr, [sp, lr, lsl #2]
    sub r3, r10, r3, lsr #4
    smull lr, r12, r12, lr
    usat r3, #5, r3
    asr r12, r12, r3
    str r12, [r2], #4
    cmp r12, r8
    it gt
    movgt r8, r12
    subs r11, #256
    bhs 1b
    mov r0, r8
    add sp, #64
    pop {r4-r11, pc}
    .size egpt_scores, . - egpt_scores

// r0 value, r1 bytes of a record, r2 weights, r3 number of values; on the stack sums, number of groups of four columns.
//
// In the loop: r3 values left, r4-r7 sums, r9 weights, r10 weight.
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
    mov r9, r2
2:
    ldrsh r10, [r9], #2
    ldrsb r8, [r0]
    ldrsb r11, [r0, #1]
    ldrsb r12, [r0, #2]
    ldrsb lr, [r0, #3]
    mla r4, r8, r10, r4
    mla r5, r11, r10, r5
    mla r6, r12, r10, r6
    mla r7, lr, r10, r7
    add r0, r1
    subs r3, #1
    bne 2b
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
