// sums_q8 and sums_q4 with Helium; see arm_mve.rs.
    .cpu cortex-m55
    .syntax unified
    .thumb
    .text

// Four tiles: q0 to q3 get 16 bytes of one row each.
    .macro egpt_mve_tiles pointer
    vld40.32 {q0, q1, q2, q3}, [\pointer]
    vld41.32 {q0, q1, q2, q3}, [\pointer]
    vld42.32 {q0, q1, q2, q3}, [\pointer]
    vld43.32 {q0, q1, q2, q3}, [\pointer]!
    .endm

// 16 columns of a row: its codes times the inputs' low bytes, its weights times their high bytes.
    .macro egpt_mve_q8_row codes, low, high
    vmladava.u8 \low, \codes, q5
    veor \codes, \codes, q6
    vmladava.s8 \high, \codes, q4
    .endm

// 16 columns of four rows: 19 instructions for 64 products.
    .macro egpt_mve_q8_step
    egpt_mve_tiles r1
    vldrw.u32 q4, [r3], #16
    vldrw.u32 q5, [r3], #16
    egpt_mve_q8_row q0, r0, r8
    egpt_mve_q8_row q1, r2, r10
    egpt_mve_q8_row q2, r4, r12
    egpt_mve_q8_row q3, r6, lr
    .endm

// r0 tiles, r1 input, r2 n_col16, r3 n_block; on the stack init and sums.
//
// In the loops: r1 tiles, r3 input, r5 counter, r7 start of the input, r9 n_col16, r11 blocks left;
// r0, r2, r4, r6 the rows' sums with low bytes, r8, r10, r12, lr those with high bytes; q6 bytes of 128.
    .global egpt_sums_q8
    .type egpt_sums_q8, %function
    .balign 4
    .thumb_func
egpt_sums_q8:
    push {r4-r11, lr}
    vpush {d8-d13}
    sub sp, #12
    cmp r3, #0
    beq 5f
    mov r11, r3
    mov r7, r1
    mov r9, r2
    movs r4, #0
    dls lr, r2
1:  vldrw.u32 q4, [r1], #32
    vaddva.s8 r4, q4                // sum of the high bytes
    le lr, 1b
    mov r1, r0
    ldr r5, [sp, #96]               // init
    add r5, r5, r4, lsl #15
    str r5, [sp]
    movs r5, #128
    vdup.8 q6, r5
2:  ldr r0, [sp]                    // a block
    mov r2, r0
    mov r4, r0
    mov r6, r0
    mov r8, #0
    mov r10, r8
    mov r12, r8
    mov lr, r8
    mov r3, r7
    adds r5, r9, #1
    lsrs r5, r5, #1
    tst r9, #1
    bne 4f                          // an odd number of steps starts in the middle
3:  egpt_mve_q8_step
4:  egpt_mve_q8_step
    subs r5, #1
    bne 3b
    ldr r5, [sp, #100]              // sums
    add r0, r0, r8, lsl #8
    add r2, r2, r10, lsl #8
    add r4, r4, r12, lsl #8
    add r6, r6, lr, lsl #8
    stmia r5!, {r0, r2, r4, r6}
    str r5, [sp, #100]
    subs r11, #1
    bne 2b
5:  add sp, #12
    vpop {d8-d13}
    pop {r4-r11, pc}
    .size egpt_sums_q8, . - egpt_sums_q8

// 32 columns of a row: the lower and the upper nibbles of its bytes.
    .macro egpt_mve_q4_row codes, sum
    vand q6, \codes, q7
    vmladava.s8 \sum, q6, q4
    vshr.u8 \codes, \codes, #4
    vmladava.s8 \sum, \codes, q5
    .endm

// r0 tiles, r1 input, r2 n_col16, r3 n_block; on the stack init and sums.
//
// In the loops: r0 tiles, r3 input, r5 sums, r7 bytes read beyond a block, r9 steps, r11 blocks left, r12 init;
// r4, r6, r8, r10 the rows' sums; q7 bytes of 15. A step takes 23 instructions for 128 products.
    .global egpt_sums_q4
    .type egpt_sums_q4, %function
    .balign 4
    .thumb_func
egpt_sums_q4:
    push {r4-r11, lr}
    vpush {d8-d15}
    cmp r3, #0
    beq 4f
    mov r11, r3
    and r7, r2, #1
    lsls r7, r7, #5
    add r9, r2, #1
    lsr r9, r9, #1
    movs r5, #15
    vdup.8 q7, r5
    ldr r12, [sp, #100]
    ldr r5, [sp, #104]
2:  mov r4, r12                     // a block
    mov r6, r12
    mov r8, r12
    mov r10, r12
    mov r3, r1
    dls lr, r9
3:  egpt_mve_tiles r0
    vld20.32 {q4, q5}, [r3]
    vld21.32 {q4, q5}, [r3]!
    egpt_mve_q4_row q0, r4
    egpt_mve_q4_row q1, r6
    egpt_mve_q4_row q2, r8
    egpt_mve_q4_row q3, r10
    le lr, 3b
    subs r0, r0, r7
    stmia r5!, {r4, r6, r8, r10}
    subs r11, #1
    bne 2b
4:  vpop {d8-d15}
    pop {r4-r11, pc}
    .size egpt_sums_q4, . - egpt_sums_q4
