#include "funcdata.h"
#include "textflag.h"

DATA addresses<>+0(SB)/8, $·trampoline(SB)
DATA addresses<>+8(SB)/8, $·nothing(SB)
DATA addresses<>+16(SB)/8, $·changeR0(SB)
DATA addresses<>+24(SB)/8, $·changeR1(SB)
DATA addresses<>+32(SB)/8, $·changeR2(SB)
DATA addresses<>+40(SB)/8, $·changeR13(SB)
DATA addresses<>+48(SB)/8, $·changeG(SB)
DATA addresses<>+56(SB)/8, $·changeFPSCR(SB)
GLOBL addresses<>(SB), RODATA, $64

// func addresses() *[2 + len(registers)]uintptr
TEXT ·addresses(SB), NOSPLIT, $0-8
	MOVD $addresses<>(SB), R3
	MOVD R3, ret+0(FP)
	RET

// COMPARE adds to changed what differs between a register and what it was, in R5.
#define COMPARE(now, i) \
	MOVD i(R4), R6 \
	XOR  now, R5, R7 \
	OR   R7, R6 \
	MOVD R6, i(R4)

// trampoline calls target with a copy of its own arguments, of which no kernel has
// more than ten words.
TEXT ·trampoline(SB), NOSPLIT, $80-80
	NO_LOCAL_POINTERS
	MOVD $args+0(FP), R3
	ADD  $32, R1, R4
	MOVD $10, R5
	MOVD R5, CTR

argument:
	MOVD 0(R3), R6
	MOVD R6, 0(R4)
	ADD  $8, R3
	ADD  $8, R4
	BDNZ argument

	MOVD $·before(SB), R3
	MOVD R0, 0(R3)
	MOVD R1, 8(R3)
	MOVD R2, 16(R3)
	MOVD R13, 24(R3)
	MOVD g, 32(R3)
	MOVFL FPSCR, F0
	FMOVD F0, 40(R3)
	MOVD ·target(SB), R12
	MOVD R12, CTR
	CALL (CTR)

	// The registers get their values back: first zero, which assembled code is full of.
	MOVD R0, R8
	XOR  R0, R0
	MOVD R1, R9
	MOVD R2, R10
	MOVD $·before(SB), R3
	MOVD 8(R3), R1
	MOVD 16(R3), R2
	MOVD $·changed(SB), R4
	MOVD 0(R3), R5
	COMPARE(R8, 0)
	MOVD 8(R3), R5
	COMPARE(R9, 8)
	MOVD 16(R3), R5
	COMPARE(R10, 16)
	MOVD 24(R3), R5
	COMPARE(R13, 24)
	MOVD R5, R13
	MOVD 32(R3), R5
	COMPARE(g, 32)
	MOVD R5, g

	// Without the flags that say what happened.
	MOVFL FPSCR, F0
	FMOVD F0, 32(R1)
	MOVD 32(R1), R8
	ANDCC $0xFF, R8
	FMOVD 40(R3), F0
	MOVFL F0, FPSCR
	MOVD 40(R3), R5
	ANDCC $0xFF, R5
	COMPARE(R8, 40)

	MOVD ·calls(SB), R5
	ADD  $1, R5
	MOVD R5, ·calls(SB)
	RET

TEXT ·nothing(SB), NOSPLIT|NOFRAME, $0
	RET

TEXT ·changeR0(SB), NOSPLIT|NOFRAME, $0
	MOVD $1, R0
	RET

TEXT ·changeR1(SB), NOSPLIT|NOFRAME, $0
	ADD $-64, R1
	RET

TEXT ·changeR2(SB), NOSPLIT|NOFRAME, $0
	NOR R2, R2
	RET

TEXT ·changeR13(SB), NOSPLIT|NOFRAME, $0
	NOR R13, R13
	RET

TEXT ·changeG(SB), NOSPLIT|NOFRAME, $0
	NOR g, g
	RET

// Rounds down.
TEXT ·changeFPSCR(SB), NOSPLIT|NOFRAME, $0
	MTFSB1 $30
	MTFSB1 $31
	RET
