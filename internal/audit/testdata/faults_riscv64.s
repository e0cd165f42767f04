// One function for each thing that the audit must find, and some that it must not.

#include "textflag.h"

// func rightRVV(dst, src *float32, n int)
TEXT ·rightRVV(SB), NOSPLIT, $0-24
	MOV     dst+0(FP), X10
	MOV     src+8(FP), X11
	MOV     n+16(FP), X12
	VSETVLI X12, E32, M8, TA, MA, X13
	VLE32V  (X11), V8
	SLL     $2, X13
	SUB     X11, X10, X14
	ADD     X14, X11, X15
	VSE32V  V8, (X15)
	RET

// func rightJumpRVV(dst, src *float32, n int)
TEXT ·rightJumpRVV(SB), NOSPLIT, $0-24
	JMP ·rightRVV(SB)

// want: writes through src
// func sourceRVV(dst, src *float32, n int)
TEXT ·sourceRVV(SB), NOSPLIT, $0-24
	MOV    src+8(FP), X11
	VSE32V V8, (X11)
	RET

// want: writes through src
// func bitsRVV(dst, src *float32, n int)
TEXT ·bitsRVV(SB), NOSPLIT, $0-24
	MOV  src+8(FP), X11
	VLMV (X11), V0
	VSMV V0, (X11)
	RET

// want: has an address that is not one of its arguments
// func scalarRVV(dst, src *float32, n int)
TEXT ·scalarRVV(SB), NOSPLIT, $0-24
	MOV n+16(FP), X11
	MOV X0, (X11)
	RET

// want: writes an argument's place
// func argumentRVV(dst, src *float32, n int)
TEXT ·argumentRVV(SB), NOSPLIT, $0-24
	MOV X10, n+16(FP)
	RET

// want: is of V, which is not among []
// func vector(dst, src *float32, n int)
TEXT ·vector(SB), NOSPLIT, $0-24
	VXORVV V0, V0, V0
	RET

// want: VSADD.VV is not known to be harmless
// func newerRVV(dst, src *float32, n int)
TEXT ·newerRVV(SB), NOSPLIT, $0-24
	VSADDVV V0, V1, V2
	RET

// want: writes a register that holds the goroutine
// func goroutineRVV(dst, src *float32, n int)
TEXT ·goroutineRVV(SB), NOSPLIT, $0-24
	WORD $0x00050d93 // mv x27,x10
	RET

// want: writes a register that holds the stack pointer
// func pointerRVV(dst, src *float32, n int)
TEXT ·pointerRVV(SB), NOSPLIT, $0-24
	WORD $0x01010113 // addi x2,x2,16
	RET

// want: runs off the end
// func endRVV(dst, src *float32, n int)
TEXT ·endRVV(SB), NOSPLIT, $0-24
	MOV dst+0(FP), X10
