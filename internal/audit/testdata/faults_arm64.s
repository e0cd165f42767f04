// One function for each thing that the audit must find, and some that it must not.

#include "textflag.h"

// func rightNEON(dst, src *float32, n int)
TEXT ·rightNEON(SB), NOSPLIT, $0-24
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R2
	ADD   R2<<2, R0, R3
	SUB   R0, R1, R1
	WORD  $0x3ce06820 // ldr q0, [x1,x0]
	WORD  $0x4ea23403 // cmgt v3.4s, v0.4s, v2.4s
	FMOVQ F3, -16(R3)
	VST1.P [V3.B16], 16(R0)
	FSTPQ (F3, F0), 32(R0)
	RET

// func rightJumpNEON(dst, src *float32, n int)
TEXT ·rightJumpNEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	B    ·rightNEON(SB)

// func rightResult(src *float32, n int) int
TEXT ·rightResult(SB), NOSPLIT, $0-24
	MOVD src+0(FP), R0
	MOVW (R0), R1
	MOVD R1, ret+16(FP)
	RET

// want: writes through src
// func sourceNEON(dst, src *float32, n int)
TEXT ·sourceNEON(SB), NOSPLIT, $0-24
	MOVD  src+8(FP), R1
	FMOVQ F3, (R1)
	RET

// want: writes through src
// func pairNEON(dst, src *float32, n int)
TEXT ·pairNEON(SB), NOSPLIT, $0-24
	MOVD  src+8(FP), R1
	ADD   $64, R1, R2
	FSTPQ (F3, F4), -32(R2)
	RET

// want: has an address that is not one of its arguments
// func scalarNEON(dst, src *float32, n int)
TEXT ·scalarNEON(SB), NOSPLIT, $0-24
	MOVD  n+16(FP), R2
	FMOVQ F3, (R2)
	RET

// want: has an address that is not one of its arguments
// func eitherNEON(dst, src *float32, n int)
TEXT ·eitherNEON(SB), NOSPLIT, $0-24
	MOVD  dst+0(FP), R0
	MOVD  n+16(FP), R2
	TBZ   $0, R2, store
	MOVD  src+8(FP), R0

store:
	FMOVQ F3, (R0)
	RET

// want: writes an argument's place
// func argumentNEON(dst, src *float32, n int)
TEXT ·argumentNEON(SB), NOSPLIT, $0-24
	MOVD R0, n+16(FP)
	RET

// want: touches the stack beside the arguments
// func stackNEON(dst, src *float32, n int)
TEXT ·stackNEON(SB), NOSPLIT, $0-24
	MOVD R0, -8(RSP)
	RET

// want: is of ASIMD, which is not among []
// func vector(dst, src *float32, n int)
TEXT ·vector(SB), NOSPLIT, $0-24
	VEOR V0.B16, V0.B16, V0.B16
	RET

// want: AESE is not known to be harmless
// func newerNEON(dst, src *float32, n int)
TEXT ·newerNEON(SB), NOSPLIT, $0-24
	AESE V0.B16, V1.B16
	RET

// want: writes a register that holds the goroutine
// func goroutineNEON(dst, src *float32, n int)
TEXT ·goroutineNEON(SB), NOSPLIT, $0-24
	WORD $0xaa0003fc // mov x28, x0
	RET

// want: writes a register that holds what the system keeps
// func platformNEON(dst, src *float32, n int)
TEXT ·platformNEON(SB), NOSPLIT, $0-24
	WORD $0xaa0003f2 // mov x18, x0
	RET

// want: writes a register that holds what the assembler keeps
// want: writes a register that holds what the assembler keeps
// want: writes a register that holds what the assembler keeps
// func assemblerNEON(dst, src *float32, n int)
TEXT ·assemblerNEON(SB), NOSPLIT, $0-24
	MOVD $0x123456789, R27
	RET

// want: writes a register that holds the frame pointer
// func frameNEON(dst, src *float32, n int)
TEXT ·frameNEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R29
	RET

// want: writes a register that holds the return address
// func linkNEON(dst, src *float32, n int)
TEXT ·linkNEON(SB), NOSPLIT, $0-24
	MOVD R0, R30
	RET

// want: writes a register that holds the stack pointer
// func pointerNEON(dst, src *float32, n int)
TEXT ·pointerNEON(SB), NOSPLIT, $0-24
	WORD $0x910043ff // add sp, sp, #0x10
	RET

// want: leaves with unordered stores past the caches
// func fenceNEON(dst, src *float32, n int)
TEXT ·fenceNEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	WORD $0xac000400 // stnp q0, q1, [x0]
	RET

// want: runs off the end
// func endNEON(dst, src *float32, n int)
TEXT ·endNEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0

// want: is never reached
// want: is never reached
// func deadNEON(dst, src *float32, n int)
TEXT ·deadNEON(SB), NOSPLIT, $0-24
	RET
	MOVD dst+0(FP), R0
	RET

// want: calls
// want: is never reached
// func callsNEON(dst, src *float32, n int)
TEXT ·callsNEON(SB), NOSPLIT|NOFRAME, $0-24
	CALL ·rightNEON(SB)
	RET

// want: jumps to an address that is not known
// func tableNEON(dst, src *float32, n int)
TEXT ·tableNEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	B    (R0)

// want: jumps to rightNEON, which needs more than []
// func better(dst, src *float32, n int)
TEXT ·better(SB), NOSPLIT, $0-24
	B ·rightNEON(SB)
