// Loops over elements on Armv7-M and Armv8-M mainline; see thumb2_elementwise.rs. The file that includes this one
// defines the macros egpt_add_square, egpt_times_lower and egpt_times_upper, which may use r12 and lr.
    .syntax unified
    .thumb

// r0 numbers, r1 how many. Returns the bits of all magnitudes.
    .section .text.egpt_magnitudes, "ax", %progbits
    .global egpt_magnitudes
    .type egpt_magnitudes, %function
    .balign 4
    .thumb_func
egpt_magnitudes:
    push {r4, r5, lr}
    mov r12, #0
    b 2f
1:
    ldmia r0!, {r2-r5}
    eor r2, r2, r2, asr #31
    eor r3, r3, r3, asr #31
    eor r4, r4, r4, asr #31
    eor r5, r5, r5, asr #31
    orrs r2, r2, r3
    orrs r4, r4, r5
    orr r12, r12, r2
    orr r12, r12, r4
2:
    subs r1, #4
    bhs 1b
    adds r1, #4
    beq 4f
3:
    ldr r2, [r0], #4
    subs r1, #1
    eor r2, r2, r2, asr #31
    orr r12, r12, r2
    bne 3b
4:
    mov r0, r12
    pop {r4, r5, pc}
    .size egpt_magnitudes, . - egpt_magnitudes

// r0 sums, r1 mantissas, r2 how many, r3 shift to the left.
//
// A mantissa times 2^15 is cut out of a pair by a mask, so that the upper word of a product is the product divided
// by 2^17.
    .section .text.egpt_scale_rows, "ax", %progbits
    .global egpt_scale_rows
    .type egpt_scale_rows, %function
    .balign 4
    .thumb_func
egpt_scale_rows:
    push {r4-r9, lr}
    movw lr, #0x8000
    movt lr, #0x7FFF
    // Pairs are loaded from whole words only.
    lsls r12, r1, #30
    beq 2f
    b 3f
1:
    ldmia r0, {r4-r7}
    ldrd r8, r9, [r1], #8
    lsls r4, r4, r3
    and r12, lr, r8, lsl #15
    smull r12, r4, r4, r12
    lsls r5, r5, r3
    and r12, lr, r8, lsr #1
    smull r12, r5, r5, r12
    lsls r6, r6, r3
    and r12, lr, r9, lsl #15
    smull r12, r6, r6, r12
    lsls r7, r7, r3
    and r12, lr, r9, lsr #1
    smull r12, r7, r7, r12
    stmia r0!, {r4-r7}
2:
    subs r2, #4
    bhs 1b
    adds r2, #4
3:
    cbz r2, 5f
4:
    ldr r4, [r0]
    ldrh r5, [r1], #2
    lsls r4, r4, r3
    lsls r5, r5, #15
    smull r12, r4, r4, r5
    str r4, [r0], #4
    subs r2, #1
    bne 4b
5:
    pop {r4-r9, pc}
    .size egpt_scale_rows, . - egpt_scale_rows

// r0 numbers, r1 how many. Returns the largest absolute value.
    .section .text.egpt_largest, "ax", %progbits
    .global egpt_largest
    .type egpt_largest, %function
    .balign 4
    .thumb_func
egpt_largest:
    mov r12, #0
    cbz r1, 2f
1:
    ldr r2, [r0], #4
    eor r3, r2, r2, asr #31
    sub r3, r3, r2, asr #31
    cmp r3, r12
    it hi
    movhi r12, r3
    subs r1, #1
    bne 1b
2:
    mov r0, r12
    bx lr
    .size egpt_largest, . - egpt_largest

// r0 to, r1 numbers, r2 how many, r3 what is subtracted. Returns the bits of all magnitudes.
    .section .text.egpt_subtract, "ax", %progbits
    .global egpt_subtract
    .type egpt_subtract, %function
    .balign 4
    .thumb_func
egpt_subtract:
    push {r4-r7, lr}
    mov r12, #0
    b 2f
1:
    ldmia r1!, {r4-r7}
    subs r4, r4, r3
    subs r5, r5, r3
    subs r6, r6, r3
    subs r7, r7, r3
    stmia r0!, {r4-r7}
    eor r4, r4, r4, asr #31
    eor r5, r5, r5, asr #31
    eor r6, r6, r6, asr #31
    eor r7, r7, r7, asr #31
    orrs r4, r4, r5
    orrs r6, r6, r7
    orr r12, r12, r4
    orr r12, r12, r6
2:
    subs r2, #4
    bhs 1b
    adds r2, #4
    beq 4f
3:
    ldr r4, [r1], #4
    subs r4, r4, r3
    str r4, [r0], #4
    eor r4, r4, r4, asr #31
    orr r12, r12, r4
    subs r2, #1
    bne 3b
4:
    mov r0, r12
    pop {r4-r7, pc}
    .size egpt_subtract, . - egpt_subtract

// r0 numbers, r1 gains, r2 how many, r3 shift to the left. Returns the sum of squares, its lower word in r0.
    .section .text.egpt_times_gain, "ax", %progbits
    .global egpt_times_gain
    .type egpt_times_gain, %function
    .balign 4
    .thumb_func
egpt_times_gain:
    push {r4-r11, lr}
    movs r4, #0
    movs r5, #0
    // Pairs are loaded from whole words only.
    lsls r12, r1, #30
    beq 2f
    b 3f
1:
    ldmia r0, {r6-r9}
    ldrd r10, r11, [r1], #8
    lsls r6, r6, r3
    lsls r7, r7, r3
    lsl r8, r8, r3
    lsl r9, r9, r3
    egpt_add_square r4, r5, r6
    egpt_add_square r4, r5, r7
    egpt_add_square r4, r5, r8
    egpt_add_square r4, r5, r9
    egpt_times_lower r6, r10
    egpt_times_upper r7, r10
    egpt_times_lower r8, r11
    egpt_times_upper r9, r11
    stmia r0!, {r6-r9}
2:
    subs r2, #4
    bhs 1b
    adds r2, #4
3:
    cbz r2, 5f
4:
    ldr r6, [r0]
    ldrh r10, [r1], #2
    lsls r6, r6, r3
    egpt_add_square r4, r5, r6
    egpt_times_lower r6, r10
    str r6, [r0], #4
    subs r2, #1
    bne 4b
5:
    mov r0, r4
    mov r1, r5
    pop {r4-r11, pc}
    .size egpt_times_gain, . - egpt_times_gain

// r0 numbers, r1 how many, r2 shift to the left, r3 mantissa times 2^15; on the stack the shift to the right.
    .section .text.egpt_times, "ax", %progbits
    .global egpt_times
    .type egpt_times, %function
    .balign 4
    .thumb_func
egpt_times:
    push {r4-r7, lr}
    ldr lr, [sp, #20]
    b 2f
1:
    ldmia r0, {r4-r7}
    lsls r4, r4, r2
    smull r12, r4, r4, r3
    lsls r5, r5, r2
    smull r12, r5, r5, r3
    lsls r6, r6, r2
    smull r12, r6, r6, r3
    lsls r7, r7, r2
    smull r12, r7, r7, r3
    asr r4, r4, lr
    asr r5, r5, lr
    asr r6, r6, lr
    asr r7, r7, lr
    stmia r0!, {r4-r7}
2:
    subs r1, #4
    bhs 1b
    adds r1, #4
    beq 4f
3:
    ldr r4, [r0]
    lsls r4, r4, r2
    smull r12, r4, r4, r3
    asr r4, r4, lr
    str r4, [r0], #4
    subs r1, #1
    bne 3b
4:
    pop {r4-r7, pc}
    .size egpt_times, . - egpt_times

// r0 numbers, r1 factors or 0, r2 samples, r3 (how many - 1) · 256 + shift of numbers to the left; on the stack the
// mantissa of the place times 2^15, its shift to the right, the largest place, shift of factors to the left.
//
// In the loop: r4-r7 what was on the stack, r8 a mask, r9 number, r11 place with sign.
    .section .text.egpt_gate, "ax", %progbits
    .global egpt_gate
    .type egpt_gate, %function
    .balign 4
    .thumb_func
egpt_gate:
    push {r4-r11, lr}
    add r12, sp, #36
    ldm r12, {r4-r7}
    movw r8, #0x8000
    movt r8, #0x7FFF
1:
    ldr r9, [r0]
    lsl r9, r9, r3
    smull r10, r11, r9, r4
    asr r11, r11, r5
    eor r10, r11, r11, asr #31
    sub r10, r10, r11, asr #31
    cmp r10, r6
    it hi
    movhi r10, r6
    // A straight line between two samples; the last bit that is shifted out rounds.
    uxtb r12, r10
    lsr r10, r10, #8
    add r10, r2, r10, lsl #1
    ldrh lr, [r10]
    ldrh r10, [r10, #2]
    sub r10, r10, lr
    mul r10, r10, r12
    asrs r10, r10, #8
    adc lr, lr, r10
    // 2^16 less that, for negative places.
    eor lr, lr, r11, asr #31
    sub lr, lr, r11, asr #31
    and lr, r8, lr, lsl #15
    smull r10, r9, r9, lr
    cbz r1, 2f
    ldr r10, [r1], #4
    lsl r10, r10, r7
    egpt_times_upper r9, r10
2:
    str r9, [r0], #4
    subs r3, #256
    bhs 1b
    pop {r4-r11, pc}
    .size egpt_gate, . - egpt_gate
    .purgem egpt_add_square
    .purgem egpt_times_lower
    .purgem egpt_times_upper
