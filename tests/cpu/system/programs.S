@ Programs that the tests of the system side run, and the handlers that they install. Linked behind the
@ vector table; machine.c puts them to address 0x400 and sets the vectors.
@
@ Memory: LOG collects what the handlers note, SCRIPT tells busy_handler which interrupts to raise.

        .syntax unified
        .cpu    cortex-m7
        .fpu    fpv5-d16
        .thumb

        .equ    LOG,    0x20000000      @ count, then entries
        .equ    SCRIPT, 0x20001000      @ a word an exception: bits for NVIC_ISPR0
        .equ    DEVICE, 0x40000000
        .equ    ISPR0,  0xE000E200
        .equ    STIR,   0xE000EF00

        .macro  program name
        .balign 4
        .global \name
        .thumb_func
\name:
        .endm

@ Where every program ends: the tests have a breakpoint here.
        program stop
        b       stop

@ Handlers -----------------------------------------------------------------------------------------

@ Notes IPSR and returns.
        program log_handler
        push    {r4, lr}
        mrs     r4, ipsr
        bl      note
        pop     {r4, pc}

@ Appends r4 to the log. Uses r2, r3.
note:   ldr     r3, =LOG
        ldr     r2, [r3]
        adds    r2, r2, #1
        str     r2, [r3]
        str     r4, [r3, r2, lsl #2]
        bx      lr

@ Notes its entry, raises the interrupts that SCRIPT names for it (once), notes its exit (+ 0x1000).
        program busy_handler
        push    {r4, lr}
        mrs     r4, ipsr
        bl      note
        ldr     r1, =SCRIPT
        ldr     r0, [r1, r4, lsl #2]
        movs    r2, #0
        str     r2, [r1, r4, lsl #2]
        ldr     r1, =ISPR0
        str     r0, [r1]
        dsb
        isb
        mrs     r4, ipsr
        add     r4, r4, #0x1000
        bl      note
        pop     {r4, pc}

@ Stops inside the handler, with nothing touched; and how it goes on from there.
        program halt_handler
        b       stop

        program do_return
        bx      lr

        program do_return_r8            @ with another EXC_RETURN value, by POP
        push    {r8}
        pop     {pc}

@ Returns behind the 2-byte (or 4-byte) instruction that caused it.
        program skip2_handler
        push    {r4, lr}
        mrs     r4, ipsr
        bl      note
        ldr     r0, [sp, #32]
        adds    r0, r0, #2
        str     r0, [sp, #32]
        pop     {r4, pc}

        program skip4_handler
        push    {r4, lr}
        mrs     r4, ipsr
        bl      note
        ldr     r0, [sp, #32]
        adds    r0, r0, #4
        str     r0, [sp, #32]
        pop     {r4, pc}

@ Returns with the EXC_RETURN value in r8.
        program return_r8_handler
        bx      r8

@ Causes a fault itself: an undefined instruction, an SVC, a BKPT, a load from r9.
        program undefined_handler
        udf     #1
        b       stop

        program svc_handler
        svc     #1
        b       stop

        program bkpt_handler
        bkpt    #1
        b       stop

        program load_r9_handler
        ldr     r10, [r9]
        b       stop

        program sleep_handler           @ tells the device to drop the line in r7, sleeps no more
        str     r7, [r6]
        bx      lr

@ Uses the FPU, then returns.
        program fp_handler
        vmov.f32 s0, #1.0
        vmov.f32 s15, #2.0
        bx      lr

        program fp_halt_handler
        vmov.f32 s0, #1.0
        b       stop

@ Programs ----------------------------------------------------------------------------------------

        program run_nops
        nop
        nop
        nop
        nop
        b       stop

        program run_svc
        svc     #7
        b       stop

@ r5 = 1 if the instruction behind the SVC ran as the IT block says.
        program run_svc_in_it
        movs    r5, #0
        movs    r0, #0
        cmp     r0, #0
        itte    eq
        svceq   #7
        moveq   r5, #1
        movne   r5, #2
        b       stop

@ The same with a fault that the handler skips: the rest of the block must go on.
        program run_udf_in_it
        movs    r5, #0
        movs    r0, #0
        cmp     r0, #0
        itte    eq
        udfeq   #7
        moveq   r5, #1
        movne   r5, #2
        b       stop

        program run_udf
        udf     #0
        b       stop

        program run_bkpt
        bkpt    #0
        b       stop

        program run_div
        sdiv    r0, r1, r2
        b       stop

        program run_load
        ldr     r0, [r1]
        b       stop

        program run_load_byte
        ldrb    r0, [r1]
        b       stop

        program run_load_unprivileged
        ldrt    r0, [r1]
        b       stop

        program run_load_double
        ldrd    r0, r2, [r1]
        b       stop

        program run_store
        str     r0, [r1]
        dsb
        nop
        b       stop

        program run_store_byte
        strb    r0, [r1]
        dsb
        nop
        b       stop

        program run_store_half
        strh    r0, [r1]
        dsb
        nop
        b       stop

        program run_branch              @ to r1
        bx      r1

        program run_call                @ r1 is a function
        blx     r1
        b       stop

        program function
        movs    r5, #77
        bx      lr

        program run_vmov
        vmov.f32 s1, #3.0
        b       stop

        program run_vmov_svc
        vmov.f32 s1, #3.0
        svc     #0
        b       stop

        program run_msr_control
        msr     control, r0
        isb
        b       stop

        program run_msr_basepri
        msr     basepri, r0
        b       stop

        program run_msr_basepri_max
        msr     basepri_max, r0
        b       stop

        program run_msr_primask
        msr     primask, r0
        b       stop

        program run_msr_faultmask
        msr     faultmask, r0
        b       stop

        program run_cpsid
        cpsid   if
        b       stop

        program run_cpsie
        cpsie   if
        b       stop

        program run_mrs_all
        mrs     r0, primask
        mrs     r1, basepri
        mrs     r2, faultmask
        mrs     r3, control
        mrs     r4, msp
        mrs     r5, psp
        mrs     r6, xpsr
        b       stop

        program run_msr_stacks
        msr     msp, r0
        msr     psp, r1
        b       stop

        program run_wfi
        wfi
        b       stop

        program run_wfe
        wfe
        b       stop

        program run_sev_wfe
        sev
        wfe
        b       stop

        program run_wfi_forever
        wfi
        b       run_wfi_forever

@ Counts r0 down: two instructions a round.
        program run_delay
        subs    r0, r0, #1
        bne     run_delay
        b       stop

@ Masks, raises what r0 holds in ISPR0, unmasks: all become pending at once.
        program run_raise
        ldr     r1, =ISPR0
        cpsid   i
        str     r0, [r1]
        dsb
        cpsie   i
        isb
        b       stop

@ An exclusive pair with an exception between.
        program run_exclusive
        ldrex   r0, [r1]
        svc     #0
        strex   r2, r0, [r1]
        b       stop

        program run_udiv
        udiv    r0, r1, r2
        b       stop

        program run_load_half
        ldrh    r0, [r1]
        b       stop

        program run_store_unprivileged
        strt    r0, [r1]
        dsb
        nop
        b       stop

        program run_load_many
        ldm     r1, {r2, r3}
        b       stop

        program run_push
        push    {r0}
        b       stop

        program run_mcr                 @ a coprocessor that no Cortex-M7 has
        mcr     p7, 0, r0, c0, c0, 0
        b       stop

        program run_vmrs
        vmrs    r0, fpscr
        b       stop

        program run_vldr
        vldr    s1, [r1]
        b       stop

        program run_mrs_psr
        mrs     r0, apsr
        mrs     r1, ipsr
        mrs     r2, epsr
        mrs     r3, iepsr
        mrs     r4, xpsr
        b       stop

        program run_msr_psr             @ flags and GE, and what must not change
        msr     apsr_nzcvqg, r0
        msr     epsr, r1
        msr     ipsr, r1
        b       stop

        program run_exclusive_pair      @ without anything between
        ldrex   r0, [r1]
        strex   r2, r0, [r1]
        b       stop

        program run_exclusive_lost
        ldrex   r0, [r1]
        clrex
        strex   r2, r0, [r1]
        b       stop

        program run_load_exclusive
        ldrex   r0, [r1]
        b       stop

        program run_store_exclusive
        strex   r2, r0, [r1]
        b       stop

        program run_wfi_timed           @ r6 = DEVICE_TIME: r0 before, r1 behind
        ldr     r0, [r6]
        isb
        wfi
        ldr     r1, [r6]
        movs    r5, #1
        b       stop

        program run_wfe_timed
        ldr     r0, [r6]
        isb
        wfe
        ldr     r1, [r6]
        movs    r5, #1
        b       stop

        program run_wfe_twice
        wfe
        movs    r5, #1
        wfe
        movs    r5, #2
        b       stop

@ Work of every kind, r0 rounds of it: memory, division, floating point, branches that depend on data.
        program run_mixture
        ldr     r1, =LOG + 0x800
1:      mul     r2, r0, r0
        udiv    r3, r2, r0
        str     r3, [r1]
        ldrh    r4, [r1]
        tst     r4, #1
        beq     2f
        vmov    s0, r4
        vcvt.f32.u32 s0, s0
        vdiv.f32 s1, s0, s0
2:      subs    r0, r0, #1
        bne     1b
        b       stop

@ 192 bytes without a branch, for regions in the middle.
        .balign 256
        program run_long
        .rept   48
        nop.w
        .endr
        b       stop

        .balign 4
        .ltorg
