#include "funcdata.h"
#include "textflag.h"

DATA addresses<>+0(SB)/8, $·trampoline(SB)
DATA addresses<>+8(SB)/8, $·nothing(SB)
DATA addresses<>+16(SB)/8, $·changeR2(SB)
DATA addresses<>+24(SB)/8, $·changeR3(SB)
DATA addresses<>+32(SB)/8, $·changeR21(SB)
DATA addresses<>+40(SB)/8, $·changeG(SB)
DATA addresses<>+48(SB)/8, $·changeFCSR(SB)
GLOBL addresses<>(SB), RODATA, $56

// func addresses() *[2 + len(registers)]uintptr
TEXT ·addresses(SB), NOSPLIT, $0-8
	MOVV $addresses<>(SB), R4
	MOVV R4, ret+0(FP)
	RET

// COMPARE adds to changed what differs between a register and what it was, in R6.
#define COMPARE(now, i) \
	MOVV i(R5), R7 \
	XOR  now, R6, R8 \
	OR   R8, R7 \
	MOVV R7, i(R5)

// trampoline calls target with a copy of its own arguments, of which no kernel has
// more than ten words.
TEXT ·trampoline(SB), NOSPLIT, $88-80
	NO_LOCAL_POINTERS
	MOVV $args+0(FP), R4
	ADDV $8, R3, R5
	MOVV $10, R6

argument:
	MOVV (R4), R7
	MOVV R7, (R5)
	ADDV $8, R4
	ADDV $8, R5
	SUBV $1, R6
	BNE  R6, R0, argument

	MOVV $·before(SB), R4
	MOVV R2, 0(R4)
	MOVV R3, 8(R4)
	MOVV $0x5A5A5A5A, R21
	MOVV R21, 16(R4)
	MOVV g, 24(R4)
	MOVV FCSR0, R6
	MOVV R6, 32(R4)
	MOVV ·target(SB), R12
	CALL (R12)

	// The registers get their values back.
	MOVV $·before(SB), R4
	MOVV $·changed(SB), R5
	MOVV 0(R4), R6
	COMPARE(R2, 0)
	MOVV R6, R2
	MOVV 8(R4), R6
	COMPARE(R3, 8)
	MOVV R6, R3
	MOVV 16(R4), R6
	COMPARE(R21, 16)
	MOVV 24(R4), R6
	COMPARE(g, 24)
	MOVV R6, g

	// Without the flags that say what happened.
	MOVV 32(R4), R6
	MOVV FCSR0, R9
	MOVV R6, FCSR0
	XOR  R6, R9
	AND  $0x3FF, R9
	MOVV R0, R6
	COMPARE(R9, 32)

	MOVV ·calls(SB), R6
	ADDV $1, R6
	MOVV R6, ·calls(SB)
	RET

TEXT ·nothing(SB), NOSPLIT|NOFRAME, $0
	RET

TEXT ·changeR2(SB), NOSPLIT|NOFRAME, $0
	NOR R0, R2
	RET

TEXT ·changeR3(SB), NOSPLIT|NOFRAME, $0
	ADDV $-64, R3
	JMP  (R1)

TEXT ·changeR21(SB), NOSPLIT|NOFRAME, $0
	MOVV R0, R21
	RET

TEXT ·changeG(SB), NOSPLIT|NOFRAME, $0
	NOR R0, g
	RET

// Rounds down.
TEXT ·changeFCSR(SB), NOSPLIT|NOFRAME, $0
	MOVV FCSR0, R4
	XOR  $0x300, R4
	MOVV R4, FCSR0
	RET
