#include "funcdata.h"
#include "textflag.h"

DATA addresses<>+0(SB)/8, $·trampoline(SB)
DATA addresses<>+8(SB)/8, $·nothing(SB)
DATA addresses<>+16(SB)/8, $·changeSP(SB)
DATA addresses<>+24(SB)/8, $·changeGP(SB)
DATA addresses<>+32(SB)/8, $·changeTP(SB)
DATA addresses<>+40(SB)/8, $·changeG(SB)
DATA addresses<>+48(SB)/8, $·changeRounding(SB)
GLOBL addresses<>(SB), RODATA, $56

// func addresses() *[2 + len(registers)]uintptr
TEXT ·addresses(SB), NOSPLIT, $0-8
	MOV $addresses<>(SB), X5
	MOV X5, ret+0(FP)
	RET

// COMPARE adds to changed what differs between a register and what it was, in X7.
#define COMPARE(now, i) \
	MOV i(X6), X8 \
	XOR now, X7, X9 \
	OR  X9, X8 \
	MOV X8, i(X6)

// trampoline calls target with a copy of its own arguments, of which no kernel has
// more than ten words.
TEXT ·trampoline(SB), NOSPLIT, $88-80
	NO_LOCAL_POINTERS
	MOV $args+0(FP), X5
	ADD $8, X2, X6
	MOV $10, X7

argument:
	MOV  0(X5), X8
	MOV  X8, 0(X6)
	ADD  $8, X5
	ADD  $8, X6
	SUB  $1, X7
	BNEZ X7, argument

	MOV  $·before(SB), X5
	MOV  X2, 0(X5)
	MOV  X3, 8(X5)
	MOV  TP, 16(X5)
	MOV  g, 24(X5)
	CSRRS X0, FRM, X6
	MOV  X6, 32(X5)
	MOV  ·target(SB), X6
	JALR X1, X6

	// The registers get their values back.
	MOV $·before(SB), X5
	MOV $·changed(SB), X6
	MOV 0(X5), X7
	COMPARE(X2, 0)
	MOV X7, X2
	MOV 8(X5), X7
	COMPARE(X3, 8)
	MOV X7, X3
	MOV 16(X5), X7
	COMPARE(TP, 16)
	MOV X7, TP
	MOV 24(X5), X7
	COMPARE(g, 24)
	MOV X7, g
	MOV 32(X5), X7
	CSRRW X7, FRM, X10
	COMPARE(X10, 32)

	MOV ·calls(SB), X7
	ADD $1, X7
	MOV X7, ·calls(SB)
	RET

TEXT ·nothing(SB), NOSPLIT|NOFRAME, $0
	RET

TEXT ·changeSP(SB), NOSPLIT|NOFRAME, $0
	ADD $-64, X2
	JMP (X1)

TEXT ·changeGP(SB), NOSPLIT|NOFRAME, $0
	XOR $-1, X3
	RET

TEXT ·changeTP(SB), NOSPLIT|NOFRAME, $0
	XOR $-1, TP
	RET

TEXT ·changeG(SB), NOSPLIT|NOFRAME, $0
	XOR $-1, g
	RET

// Rounds down.
TEXT ·changeRounding(SB), NOSPLIT|NOFRAME, $0
	MOV $2, X5
	CSRRW X5, FRM, X0
	RET
