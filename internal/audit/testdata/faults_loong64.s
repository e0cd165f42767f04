// One function for each thing that the audit must find, and some that it must not.

#include "textflag.h"

// func rightLSX(dst, src *float32, n int)
TEXT ·rightLSX(SB), NOSPLIT, $0-24
	MOVV  dst+0(FP), R4
	MOVV  src+8(FP), R5
	MOVV  n+16(FP), R6
	VMOVQ (R5), V0
	SLLV  $2, R6
	ADDV  R6, R4, R7
	VMOVQ V0, -16(R7)
	RET

// func rightLASX(dst, src *float32, n int)
TEXT ·rightLASX(SB), NOSPLIT, $0-24
	JMP ·rightLSX(SB)

// want: writes through src
// func sourceLSX(dst, src *float32, n int)
TEXT ·sourceLSX(SB), NOSPLIT, $0-24
	MOVV  src+8(FP), R5
	VMOVQ V0, 16(R5)
	RET

// want: writes through src
// func sourceLASX(dst, src *float32, n int)
TEXT ·sourceLASX(SB), NOSPLIT, $0-24
	MOVV   src+8(FP), R5
	XVMOVQ X0, 16(R5)
	RET

// want: has an address that is not one of its arguments
// func scalarLSX(dst, src *float32, n int)
TEXT ·scalarLSX(SB), NOSPLIT, $0-24
	MOVV  n+16(FP), R5
	MOVV  R4, (R5)
	RET

// want: writes an argument's place
// func argumentLSX(dst, src *float32, n int)
TEXT ·argumentLSX(SB), NOSPLIT, $0-24
	MOVV R4, n+16(FP)
	RET

// want: is of LASX, which is not among [LSX]
// func newerLSX(dst, src *float32, n int)
TEXT ·newerLSX(SB), NOSPLIT, $0-24
	XVXORV X0, X0, X0
	RET

// want: jumps to rightLASX, which needs more than [LSX]
// func betterLSX(dst, src *float32, n int)
TEXT ·betterLSX(SB), NOSPLIT, $0-24
	JMP ·rightLASX(SB)

// want: writes a register that holds the goroutine
// func goroutineLSX(dst, src *float32, n int)
TEXT ·goroutineLSX(SB), NOSPLIT, $0-24
	WORD $0x00150096 // move $fp, $a0
	RET

// want: writes a register that holds the stack pointer
// func pointerLSX(dst, src *float32, n int)
TEXT ·pointerLSX(SB), NOSPLIT, $0-24
	WORD $0x02c04063 // addi.d $sp, $sp, 16
	RET

// want: runs off the end
// func endLSX(dst, src *float32, n int)
TEXT ·endLSX(SB), NOSPLIT, $0-24
	MOVV dst+0(FP), R4
