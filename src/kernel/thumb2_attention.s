// What attention of a head has in common on Armv7-M and Armv8-M mainline; see thumb2_attention.rs.
    .syntax unified
    .thumb

// Pushes a factor for each of the lowest four bits of a code: the mantissa in r12 times the powers of 2^(1/16) at
// lr, times 2^15, so that the upper word of a product is the product divided by 2^17. Uses r4-r8.
    .macro egpt_factors
    add lr, #32
    mov r8, #4
1:
    ldrh r4, [lr, #-8]!
    ldrh r5, [lr, #2]
    ldrh r6, [lr, #4]
    ldrh r7, [lr, #6]
    mul r4, r4, r12
    mul r5, r5, r12
    mul r6, r6, r12
    mul r7, r7, r12
    lsrs r4, r4, #16
    lsrs r5, r5, #16
    lsrs r6, r6, #16
    lsrs r7, r7, #16
    lsls r4, r4, #15
    lsls r5, r5, #15
    lsls r6, r6, #15
    lsls r7, r7, #15
    push {r4-r7}
    subs r8, #1
    bne 1b
    .endm

// r0 scores, r1 the largest one, r2 code of the first value, r3 bytes of a record; on the stack the number of
// values after the first · 256 + the code of the step, 16 + the weights' shift, powers of two, powers of 2^(1/16).
//
// In the loop: r0 score, r1 weight, r4 largest score, r5-r8 what was on the stack, r9 total.
    .section .text.egpt_weights, "ax", %progbits
    .global egpt_weights
    .type egpt_weights, %function
    .balign 4
    .thumb_func
egpt_weights:
    push {r4-r11, lr}
    add r12, sp, #36
    ldm r12, {r5-r8}
    mov r4, r1
    mov r1, r0
    mov r9, #0
1:
    // 2^(score − largest) by a straight line between two powers, and a shift.
    ldr r10, [r0], #4
    sub r10, r4, r10
    usat r10, #21, r10
    ubfx r11, r10, #10, #6
    add r11, r7, r11, lsl #1
    ldrh r12, [r11]
    ldrh lr, [r11, #2]
    ubfx r11, r10, #0, #10
    sub lr, lr, r12
    mul lr, lr, r11
    lsr r10, r10, #16
    add lr, #512
    add r12, r12, lr, asr #10
    lsr r12, r12, r10
    // In units of the step; the last bit that is shifted out rounds.
    ldrb r10, [r2]
    add r9, r12
    add r2, r3
    sub r10, r5, r10
    and lr, r10, #15
    rsb lr, lr, #16
    ldrh lr, [r8, lr, lsl #1]
    ubfx r10, r10, #4, #4
    mul r12, r12, lr
    add r10, r6
    usat r10, #5, r10
    lsrs r12, r12, r10
    adc r12, r12, #0
    rsb r12, r12, #0
    strh r12, [r1], #2
    subs r5, #256
    bhs 1b
    // The second of a pair of which one is missing.
    movs r4, #0
    strh r4, [r1]
    mov r0, r9
    pop {r4-r11, pc}
    .size egpt_weights, . - egpt_weights
