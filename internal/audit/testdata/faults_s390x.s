// One function for each thing that the audit must find, and some that it must not.

#include "textflag.h"

// func rightVX(dst, src *float32, n int)
TEXT ·rightVX(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R1
	MOVD src+8(FP), R2
	MOVD n+16(FP), R3
	VL   (R2), V0
	SLD  $2, R3
	ADD  R3, R1, R4
	VST  V0, 16(R4)
	RET

// want: writes through src
// func sourceVX(dst, src *float32, n int)
TEXT ·sourceVX(SB), NOSPLIT, $0-24
	MOVD src+8(FP), R2
	VST  V0, 16(R2)
	RET

// want: has an address that is not one of its arguments
// func scalarVX(dst, src *float32, n int)
TEXT ·scalarVX(SB), NOSPLIT, $0-24
	MOVD n+16(FP), R2
	MOVD R1, (R2)
	RET

// want: writes an argument's place
// func argumentVX(dst, src *float32, n int)
TEXT ·argumentVX(SB), NOSPLIT, $0-24
	MOVD R1, n+16(FP)
	RET

// want: is of VX, which is not among []
// func vector(dst, src *float32, n int)
TEXT ·vector(SB), NOSPLIT, $0-24
	VN V0, V1, V2
	RET

// want: vaccb is not known to be harmless
// func newerVX(dst, src *float32, n int)
TEXT ·newerVX(SB), NOSPLIT, $0-24
	VACCB V0, V1, V2
	RET

// want: writes a register that holds the goroutine
// func goroutineVX(dst, src *float32, n int)
TEXT ·goroutineVX(SB), NOSPLIT, $0-24
	MOVD R1, g
	RET

// want: runs off the end
// func endVX(dst, src *float32, n int)
TEXT ·endVX(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R1
