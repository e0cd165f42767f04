#include "funcdata.h"
#include "textflag.h"

DATA addresses<>+0(SB)/8, $·trampoline(SB)
DATA addresses<>+8(SB)/8, $·nothing(SB)
DATA addresses<>+16(SB)/8, $·changeSP(SB)
DATA addresses<>+24(SB)/8, $·changeBP(SB)
DATA addresses<>+32(SB)/8, $·changeR14(SB)
DATA addresses<>+40(SB)/8, $·changeR15(SB)
DATA addresses<>+48(SB)/8, $·changeDirection(SB)
DATA addresses<>+56(SB)/8, $·changeMXCSR(SB)
DATA addresses<>+64(SB)/8, $·changeUpperHalves(SB)
GLOBL addresses<>(SB), RODATA, $72

// func addresses() *[2 + len(registers)]uintptr
TEXT ·addresses(SB), NOSPLIT, $0-8
	LEAQ addresses<>(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// trampoline calls target with a copy of its own arguments, of which no kernel has
// more than ten words.
TEXT ·trampoline(SB), NOSPLIT, $80-80
	NO_LOCAL_POINTERS
	LEAQ args+0(FP), SI
	MOVQ SP, DI
	MOVQ $10, CX
	REP
	MOVSQ

	MOVQ SP, ·before+0(SB)
	MOVQ BP, ·before+8(SB)
	MOVQ $0x5A5A5A5A5A5A5A5A, R14
	MOVQ R14, ·before+16(SB)
	MOVQ $0xA5A5A5A5A5A5A5A5, R15
	MOVQ R15, ·before+24(SB)
	STMXCSR ·before+40(SB)
	CMPB ·tellsUpperHalves(SB), $0
	JEQ  call
	VZEROUPPER
	MOVL $1, CX
	XGETBV
	MOVL AX, ·before+48(SB)

call:
	MOVQ ·target(SB), AX
	CALL AX

	// The stack and the direction first, which what follows needs.
	MOVQ SP, BX
	MOVQ ·before+0(SB), SP
	PUSHFQ
	POPQ DI
	CLD
	XORQ ·before+0(SB), BX
	ORQ  BX, ·changed+0(SB)
	MOVQ BP, BX
	MOVQ ·before+8(SB), BP
	XORQ BP, BX
	ORQ  BX, ·changed+8(SB)
	XORQ ·before+16(SB), R14
	ORQ  R14, ·changed+16(SB)
	XORQ ·before+24(SB), R15
	ORQ  R15, ·changed+24(SB)
	ANDQ $0x400, DI
	ORQ  DI, ·changed+32(SB)

	// Without the flags that say what happened.
	STMXCSR 0(SP)
	LDMXCSR ·before+40(SB)
	MOVL 0(SP), BX
	XORL ·before+40(SB), BX
	ANDL $~0x3F, BX
	ORL  BX, ·changed+40(SB)

	// The parts of YMM and of ZMM0 to ZMM15.
	CMPB ·tellsUpperHalves(SB), $0
	JEQ  done
	MOVL $1, CX
	XGETBV
	XORL ·before+48(SB), AX
	ANDL $0x44, AX
	ORL  AX, ·changed+48(SB)
	VZEROUPPER

done:
	INCQ ·calls(SB)
	RET

TEXT ·nothing(SB), NOSPLIT|NOFRAME, $0
	RET

// As if an instruction had taken more off the stack than was put there.
TEXT ·changeSP(SB), NOSPLIT|NOFRAME, $0
	POPQ AX
	SUBQ $64, SP
	JMP  AX

TEXT ·changeBP(SB), NOSPLIT|NOFRAME, $0
	JMP  change // go vet looks as far as here

change:
	NOTQ BP
	RET

TEXT ·changeR14(SB), NOSPLIT|NOFRAME, $0
	XORL R14, R14
	RET

TEXT ·changeR15(SB), NOSPLIT|NOFRAME, $0
	XORL R15, R15
	RET

TEXT ·changeDirection(SB), NOSPLIT|NOFRAME, $0
	STD
	RET

// Rounds down.
TEXT ·changeMXCSR(SB), NOSPLIT|NOFRAME, $0
	PUSHQ   AX
	STMXCSR 0(SP)
	XORL    $0x2000, 0(SP)
	LDMXCSR 0(SP)
	POPQ    AX
	RET

TEXT ·changeUpperHalves(SB), NOSPLIT|NOFRAME, $0
	CMPB ·tellsUpperHalves(SB), $0
	JEQ  done
	VPCMPEQB Y1, Y1, Y1

done:
	RET
