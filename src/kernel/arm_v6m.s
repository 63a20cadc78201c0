// sums_q8 and sums_q4 of Armv6-M; see arm_v6m.rs.
    .syntax unified
    .thumb
    .section .text.egpt_sums_q8, "ax", %progbits

// 4 columns of one row: 12 instructions for 4 products.
    .macro egpt_q8_row sum
    ldmia r0!, {r3}
    lsrs r2, r3, #8
    muls r2, r5, r2
    add \sum, r2
    lsrs r2, r3, #16
    muls r2, r6, r2
    add \sum, r2
    lsrs r2, r3, #24
    muls r2, r7, r2
    add \sum, r2
    muls r3, r4, r3
    add \sum, r3
    .endm

    .macro egpt_q8_tile
    ldmia r1!, {r4-r7}
    egpt_q8_row r8
    egpt_q8_row r9
    egpt_q8_row r10
    egpt_q8_row r11
    .endm

// r0 tiles, r1 input, r2 n_col16, r3 n_block; on the stack init and sums.
//
// In the loop: r0 tiles, r1 input, r2 scratch, r3 word of a row, r4-r7 four inputs, r8-r11 sums of the rows, r12 end of
// the input. Frame: 0 start of the input, 4 sums, 8 their end.
    .global egpt_sums_q8
    .type egpt_sums_q8, %function
    .balign 4
    .thumb_func
egpt_sums_q8:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    sub sp, #12
    cmp r3, #0
    beq 4f
    lsls r2, r2, #6
    add r2, r1
    mov r12, r2
    ldr r2, [sp, #52]
    lsls r3, r3, #4
    adds r3, r3, r2
    str r1, [sp]
    str r2, [sp, #4]
    str r3, [sp, #8]
1:
    ldr r1, [sp]
    ldr r2, [sp, #48]
    mov r8, r2
    mov r9, r2
    mov r10, r2
    mov r11, r2
2:
    .rept 2
    egpt_q8_tile
    .endr
    cmp r1, r12
    bne 2b
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    ldr r2, [sp, #4]
    stmia r2!, {r4-r7}
    str r2, [sp, #4]
    ldr r3, [sp, #8]
    cmp r2, r3
    bne 1b
4:
    add sp, #12
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size egpt_sums_q8, . - egpt_sums_q8
    .purgem egpt_q8_row
    .purgem egpt_q8_tile

    .section .text.egpt_sums_q4, "ax", %progbits

    .macro egpt_q4_pair input, shift, sum
    lsrs r2, r1, #\shift
    ands r2, r3
    muls r2, \input, r2
    add \sum, r2
    .endm

// 8 columns of one row: 15 instructions for 8 products.
    .macro egpt_q4_row sum
    ldmia r0!, {r1}
    egpt_q4_pair r5, 4, \sum
    egpt_q4_pair r6, 8, \sum
    egpt_q4_pair r7, 12, \sum
    muls r1, r4, r1
    add \sum, r1
    .endm

// A tile; r2 points to its input.
    .macro egpt_q4_tile
    ldmia r2!, {r4-r7}
    mov r12, r2
    egpt_q4_row r8
    egpt_q4_row r9
    egpt_q4_row r10
    egpt_q4_row r11
    .endm

// Start value of the accumulators from the input that r2 points to.
    .macro egpt_q4_start
    ldmia r2!, {r4}
    mov r8, r4
    mov r9, r4
    mov r10, r4
    mov r11, r4
    .endm

    .macro egpt_q4_drain total, sum
    mov r2, \sum
    asrs r2, r2, #16
    adds \total, \total, r2
    .endm

// r0 tiles, r1 input, r2 n_col16, r3 n_block; on the stack init and sums.
//
// In the loop: r0 tiles, r1 word of a row, r2 scratch, r3 mask, r4-r7 four inputs, r8-r11 accumulators of the rows, r12
// input, lr its end. Frame: 0-12 totals, 16 start of the first group, 20 whether it has 16 columns only, 24 first
// value of the totals, 28 sums, 32 their end.
    .global egpt_sums_q4
    .type egpt_sums_q4, %function
    .balign 4
    .thumb_func
egpt_sums_q4:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    sub sp, #36
    cmp r3, #0
    bne 1f
    b 6f
1:
    ldr r4, [sp, #72]
    ldmia r1!, {r5}
    adds r4, r4, r5
    str r4, [sp, #24]
    str r1, [sp, #16]
    ldr r5, [sp, #76]
    str r5, [sp, #28]
    lsls r3, r3, #4
    adds r3, r3, r5
    str r3, [sp, #32]
    // 17 words for 32 columns, 9 for the first 16.
    movs r4, #1
    ands r4, r2
    str r4, [sp, #20]
    adds r4, r2, #1
    lsrs r4, r4, #1
    lsls r2, r2, #3
    adds r4, r4, r2
    lsls r4, r4, #2
    add r4, r1
    mov lr, r4
    movs r2, #0x0F
    lsls r3, r2, #16
    orrs r3, r2
2:
    ldr r4, [sp, #24]
    mov r5, r4
    mov r6, r4
    mov r7, r4
    mov r1, sp
    stmia r1!, {r4-r7}
    ldr r2, [sp, #16]
    mov r12, r2
    ldr r4, [sp, #20]
    cmp r4, #0
    beq 3f
    egpt_q4_start
    mov r12, r2
    b 4f
3:
    mov r2, r12
    egpt_q4_start
    egpt_q4_tile
    mov r2, r12
    egpt_q4_tile
4:
    mov r2, r12
    egpt_q4_tile
    mov r2, r12
    egpt_q4_tile
    mov r1, sp
    ldmia r1!, {r4-r7}
    egpt_q4_drain r4, r8
    egpt_q4_drain r5, r9
    egpt_q4_drain r6, r10
    egpt_q4_drain r7, r11
    mov r1, sp
    stmia r1!, {r4-r7}
    cmp r12, lr
    beq 5f
    b 3b
5:
    ldr r2, [sp, #28]
    stmia r2!, {r4-r7}
    str r2, [sp, #28]
    ldr r1, [sp, #32]
    cmp r2, r1
    beq 6f
    b 2b
6:
    add sp, #36
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size egpt_sums_q4, . - egpt_sums_q4
    .purgem egpt_q4_pair
    .purgem egpt_q4_row
    .purgem egpt_q4_tile
    .purgem egpt_q4_start
    .purgem egpt_q4_drain
