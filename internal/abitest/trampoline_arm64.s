#include "funcdata.h"
#include "textflag.h"

DATA addresses<>+0(SB)/8, $·trampoline(SB)
DATA addresses<>+8(SB)/8, $·nothing(SB)
DATA addresses<>+16(SB)/8, $·changeRSP(SB)
DATA addresses<>+24(SB)/8, $·changeR18(SB)
DATA addresses<>+32(SB)/8, $·changeG(SB)
DATA addresses<>+40(SB)/8, $·changeR29(SB)
DATA addresses<>+48(SB)/8, $·changeFPCR(SB)
GLOBL addresses<>(SB), RODATA, $56

// func addresses() *[2 + len(registers)]uintptr
TEXT ·addresses(SB), NOSPLIT, $0-8
	MOVD $addresses<>(SB), R0
	MOVD R0, ret+0(FP)
	RET

// trampoline calls target with a copy of its own arguments, of which no kernel has
// more than ten words.
TEXT ·trampoline(SB), NOSPLIT, $88-80
	NO_LOCAL_POINTERS
	MOVD $args+0(FP), R0
	ADD  $8, RSP, R1
	MOVD $10, R2

argument:
	MOVD.P 8(R0), R3
	MOVD.P R3, 8(R1)
	SUBS $1, R2
	BNE  argument

	MOVD $·before(SB), R0
	MOVD RSP, R1
	MOVD R1, 0(R0)
	MOVD $0x5A5A5A5A5A5A5A5A, R18_PLATFORM
	MOVD R18_PLATFORM, 8(R0)
	MOVD g, 16(R0)
	MOVD R29, 24(R0)
	MOVD FPCR, R1
	MOVD R1, 32(R0)
	MOVD ·target(SB), R9
	CALL (R9)

	// The registers that Go's code needs get their values back.
	MOVD $·before(SB), R0
	MOVD $·changed(SB), R1
	MOVD RSP, R2
	MOVD 0(R0), R3
	MOVD R3, RSP
	EOR  R2, R3
	MOVD 0(R1), R2
	ORR  R3, R2
	MOVD R2, 0(R1)

	MOVD 8(R0), R3
	EOR  R18_PLATFORM, R3
	MOVD 8(R1), R2
	ORR  R3, R2
	MOVD R2, 8(R1)

	MOVD 16(R0), R3
	EOR  g, R3, R4
	MOVD R3, g
	MOVD 16(R1), R2
	ORR  R4, R2
	MOVD R2, 16(R1)

	MOVD 24(R0), R3
	EOR  R29, R3, R4
	MOVD R3, R29
	MOVD 24(R1), R2
	ORR  R4, R2
	MOVD R2, 24(R1)

	MOVD FPCR, R4
	MOVD 32(R0), R3
	EOR  R3, R4
	CBZ  R4, done // qemu takes long to set it
	MOVD R3, FPCR
	MOVD 32(R1), R2
	ORR  R4, R2
	MOVD R2, 32(R1)

done:
	MOVD ·calls(SB), R2
	ADD  $1, R2
	MOVD R2, ·calls(SB)
	RET

TEXT ·nothing(SB), NOSPLIT|NOFRAME, $0
	RET

TEXT ·changeRSP(SB), NOSPLIT|NOFRAME, $0
	SUB $64, RSP
	JMP (LR)

TEXT ·changeR18(SB), NOSPLIT|NOFRAME, $0
	MOVD ZR, R18_PLATFORM
	RET

TEXT ·changeG(SB), NOSPLIT|NOFRAME, $0
	MVN g, g
	RET

TEXT ·changeR29(SB), NOSPLIT|NOFRAME, $0
	JMP change // go vet looks as far as here

change:
	MVN R29, R29
	RET

// Rounds down.
TEXT ·changeFPCR(SB), NOSPLIT|NOFRAME, $0
	MOVD FPCR, R0
	EOR  $0x800000, R0
	MOVD R0, FPCR
	RET
