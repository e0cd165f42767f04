#include "funcdata.h"
#include "textflag.h"

DATA addresses<>+0(SB)/8, $·trampoline(SB)
DATA addresses<>+8(SB)/8, $·nothing(SB)
DATA addresses<>+16(SB)/8, $·changeG(SB)
DATA addresses<>+24(SB)/8, $·changeR15(SB)
DATA addresses<>+32(SB)/8, $·changeFPC(SB)
GLOBL addresses<>(SB), RODATA, $40

#define EFPC_R1 WORD $0xB38C0010
#define SFPC_R1 WORD $0xB3840010

// func addresses() *[2 + len(registers)]uintptr
TEXT ·addresses(SB), NOSPLIT, $0-8
	MOVD $addresses<>(SB), R1
	MOVD R1, ret+0(FP)
	RET

// COMPARE adds to changed what differs between a register and what it was, in R4.
#define COMPARE(now, i) \
	MOVD i(R3), R5 \
	MOVD now, R6 \
	XOR  R4, R6 \
	OR   R6, R5 \
	MOVD R5, i(R3)

// trampoline calls target with a copy of its own arguments, of which no kernel has
// more than ten words.
TEXT ·trampoline(SB), NOSPLIT, $88-80
	NO_LOCAL_POINTERS
	MOVD $args+0(FP), R2
	ADD  $8, R15, R3
	MOVD $10, R4

argument:
	MOVD 0(R2), R5
	MOVD R5, 0(R3)
	ADD  $8, R2
	ADD  $8, R3
	SUB  $1, R4
	CMPBNE R4, $0, argument

	MOVD $·before(SB), R2
	MOVD g, 0(R2)
	MOVD R15, 8(R2)
	EFPC_R1
	MOVD R1, 16(R2)
	MOVD ·target(SB), R1
	CALL (R1)

	// The registers get their values back.
	MOVD $·before(SB), R2
	MOVD $·changed(SB), R3
	MOVD 0(R2), R4
	COMPARE(g, 0)
	MOVD R4, g
	MOVD 8(R2), R4
	COMPARE(R15, 8)
	MOVD R4, R15

	// Without the flags that say what happened.
	EFPC_R1
	MOVD R1, R7
	MOVD 16(R2), R1
	SFPC_R1
	MOVD R1, R4
	MOVD $0xF8000007, R8
	AND  R8, R4
	AND  R8, R7
	COMPARE(R7, 16)

	MOVD ·calls(SB), R4
	ADD  $1, R4
	MOVD R4, ·calls(SB)
	RET

TEXT ·nothing(SB), NOSPLIT|NOFRAME, $0
	RET

TEXT ·changeG(SB), NOSPLIT|NOFRAME, $0
	XOR $-1, g
	RET

TEXT ·changeR15(SB), NOSPLIT|NOFRAME, $0
	SUB $64, R15
	RET

// Rounds down.
TEXT ·changeFPC(SB), NOSPLIT|NOFRAME, $0
	EFPC_R1
	XOR $3, R1
	SFPC_R1
	RET
