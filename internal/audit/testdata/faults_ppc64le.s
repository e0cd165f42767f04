// One function for each thing that the audit must find, and some that it must not.

#include "textflag.h"

// func rightVSX(dst, src *float32, n int)
TEXT ·rightVSX(SB), NOSPLIT, $0-24
	MOVD    dst+0(FP), R3
	MOVD    src+8(FP), R4
	MOVD    n+16(FP), R5
	LXVD2X  (R4)(R0), VS32
	SLD     $2, R5
	ADD     R5, R3, R6
	STXVD2X VS32, (R6)(R0)
	RET

// want: writes through src
// func sourceVSX(dst, src *float32, n int)
TEXT ·sourceVSX(SB), NOSPLIT, $0-24
	MOVD    src+8(FP), R4
	MOVD    $16, R5
	STXVD2X VS32, (R4)(R5)
	RET

// want: has an address that is not one of its arguments
// func scalarVSX(dst, src *float32, n int)
TEXT ·scalarVSX(SB), NOSPLIT, $0-24
	MOVD n+16(FP), R4
	MOVD R5, (R4)
	RET

// want: writes an argument's place
// func argumentVSX(dst, src *float32, n int)
TEXT ·argumentVSX(SB), NOSPLIT, $0-24
	MOVD R5, n+16(FP)
	RET

// want: is of VSX, which is not among []
// func vector(dst, src *float32, n int)
TEXT ·vector(SB), NOSPLIT, $0-24
	VXOR V0, V0, V0
	RET

// want: vcipher is not known to be harmless
// func newerVSX(dst, src *float32, n int)
TEXT ·newerVSX(SB), NOSPLIT, $0-24
	VCIPHER V0, V1, V2
	RET

// want: writes a register that holds the goroutine
// func goroutineVSX(dst, src *float32, n int)
TEXT ·goroutineVSX(SB), NOSPLIT, $0-24
	MOVD R3, g
	RET

// want: runs off the end
// func endVSX(dst, src *float32, n int)
TEXT ·endVSX(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R3
