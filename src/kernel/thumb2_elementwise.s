// Loops over elements on Armv7-M and Armv8-M mainline; see thumb2_elementwise.rs.
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
// A mantissa times 2^15 is cut out of a pair by a mask, so that the upper word of a product is the product divided by 2^17.
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
    ldr lr, [r1], #4
    lsl lr, lr, r7
    asr lr, lr, #16
    lsl lr, lr, #15
    smull r10, r9, r9, lr
2:
    str r9, [r0], #4
    subs r3, #256
    bhs 1b
    pop {r4-r11, pc}
    .size egpt_gate, . - egpt_gate
