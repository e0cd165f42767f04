// One function for each thing that the audit must find, and some that it must not.

#include "textflag.h"

// func rightSSE2(dst, src *float32, n int)
TEXT ·rightSSE2(SB), NOSPLIT, $0-24
	MOVQ  dst+0(FP), AX
	MOVQ  src+8(FP), CX
	MOVQ  n+16(FP), DX
	LEAQ  (AX)(DX*4), BX
	SUBQ  AX, CX
	MOVOU (CX)(AX*1), X0
	MOVOU X0, (AX)
	MOVOU X0, -16(BX)
	RET

// func rightAVX512(dst, src *float32, n int)
TEXT ·rightAVX512(SB), NOSPLIT, $0-24
	MOVQ    dst+0(FP), AX
	MOVQ    src+8(FP), CX
	MOVQ    n+16(FP), DX
	CMPQ    DX, $64
	JLT     small
	VMOVDQU32 (CX), Z0
	MOVQ    AX, BX
	NEGQ    BX
	ANDQ    $63, BX
	ADDQ    BX, AX
	VMOVNTDQ Z0, (AX)
	SFENCE
	VZEROUPPER
	RET

small:
	JMP ·rightAVX2(SB)

// func rightAVX2(dst, src *float32, n int)
TEXT ·rightAVX2(SB), NOSPLIT, $0-24
	MOVQ    dst+0(FP), AX
	MOVQ    src+8(FP), CX
	VMOVDQU (CX), X0
	VMOVDQU X0, (AX)
	RET

// func rightResult(src *float32, n int) int
TEXT ·rightResult(SB), NOSPLIT, $0-24
	MOVQ src+0(FP), AX
	MOVL (AX), CX
	MOVQ CX, ret+16(FP)
	RET

// want: writes through src
// func sourceSSE2(dst, src *float32, n int)
TEXT ·sourceSSE2(SB), NOSPLIT, $0-24
	MOVQ  dst+0(FP), AX
	MOVQ  src+8(FP), CX
	MOVOU (AX), X0
	MOVOU X0, (CX)
	RET

// want: writes through src
// func sourceAVX512(dst, src *float32, n int)
TEXT ·sourceAVX512(SB), NOSPLIT, $0-24
	MOVQ      src+8(FP), CX
	VMOVDQU32 (CX), Z0
	VMOVDQU32 Z0, 64(CX)
	VZEROUPPER
	RET

// want: has an address that is not one of its arguments
// func scalarSSE2(dst, src *float32, n int)
TEXT ·scalarSSE2(SB), NOSPLIT, $0-24
	MOVQ  n+16(FP), DX
	MOVOU X0, (DX)
	RET

// Two pointers in one register, by the way that came first.
// want: has an address that is not one of its arguments
// func eitherSSE2(dst, src *float32, n int)
TEXT ·eitherSSE2(SB), NOSPLIT, $0-24
	MOVQ  dst+0(FP), AX
	MOVQ  n+16(FP), DX
	TESTQ $1, DX
	JZ    store
	MOVQ  src+8(FP), AX

store:
	MOVOU X0, (AX)
	RET

// want: writes static data
// func staticSSE2(dst, src *float32, n int)
TEXT ·staticSSE2(SB), NOSPLIT, $0-24
	MOVOU X0, ·static<>(SB)
	RET

GLOBL ·static<>(SB), NOPTR, $16

// want: writes an argument's place
// func argumentSSE2(dst, src *float32, n int)
TEXT ·argumentSSE2(SB), NOSPLIT, $0-24
	MOVQ $0, n+16(FP)
	RET

// want: touches the stack beside the arguments
// func stackSSE2(dst, src *float32, n int)
TEXT ·stackSSE2(SB), NOSPLIT, $0-24
	MOVQ $0, -8(SP)
	RET

// want: is of AVX2, which is not among [AVX]
// func newerAVX(dst, src *float32, n int)
TEXT ·newerAVX(SB), NOSPLIT, $0-24
	VPAND Y0, Y1, Y2
	VZEROUPPER
	RET

// want: is of AVX, which is not among []
// func newerSSE2(dst, src *float32, n int)
TEXT ·newerSSE2(SB), NOSPLIT, $0-24
	VPAND X0, X1, X2
	RET

// want: PMAXSD is not known to be harmless
// func newestSSE2(dst, src *float32, n int)
TEXT ·newestSSE2(SB), NOSPLIT, $0-24
	PMAXSD X0, X1
	RET

// want: is of AVX512F, which is not among
// want: is of AVX512VL, which is not among
// func evexAVX2(dst, src *float32, n int)
TEXT ·evexAVX2(SB), NOSPLIT, $0-24
	VPANDD X16, X1, X2
	RET

// want: is of AVX512VL, which is not among
// func narrowAVX512(dst, src *float32, n int)
TEXT ·narrowAVX512(SB), NOSPLIT, $0-24
	VPANDD Y16, Y1, Y2
	VZEROUPPER
	RET

// want: is of BMI2, which is not among
// func bitsAVX2(dst, src *float32, n int)
TEXT ·bitsAVX2(SB), NOSPLIT, $0-24
	BZHIQ AX, CX, DX
	RET

// The way that jumps leaves the upper halves in use.
// want: leaves with upper halves in use
// func upperAVX2(dst, src *float32, n int)
TEXT ·upperAVX2(SB), NOSPLIT, $0-24
	MOVQ    dst+0(FP), AX
	MOVQ    n+16(FP), DX
	VPXOR   Y0, Y0, Y0
	TESTQ   DX, DX
	JZ      done
	VMOVDQU Y0, (AX)
	VZEROUPPER

done:
	RET

// want: leaves with upper halves in use
// func upperAVX512(dst, src *float32, n int)
TEXT ·upperAVX512(SB), NOSPLIT, $0-24
	VPXORQ Z0, Z0, Z0
	JMP    ·rightAVX2(SB)

// want: waits for the upper halves that are in use
// func mixedAVX2(dst, src *float32, n int)
TEXT ·mixedAVX2(SB), NOSPLIT, $0-24
	VPXOR Y0, Y0, Y0
	PXOR  X1, X1
	VZEROUPPER
	RET

// want: leaves with unordered stores past the caches
// func fenceSSE2(dst, src *float32, n int)
TEXT ·fenceSSE2(SB), NOSPLIT, $0-24
	MOVQ   dst+0(FP), AX
	MOVNTO X0, (AX)
	RET

// want: writes a register that holds the goroutine
// func goroutineSSE2(dst, src *float32, n int)
TEXT ·goroutineSSE2(SB), NOSPLIT, $0-24
	XORL R14, R14
	RET

// want: writes a register that holds the frame pointer
// func frameSSE2(dst, src *float32, n int)
TEXT ·frameSSE2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), BP
	RET

// want: writes a register that holds the stack pointer
// func pointerSSE2(dst, src *float32, n int)
TEXT ·pointerSSE2(SB), NOSPLIT, $0-24
	LEAQ 8(SP), SP
	RET

// want: runs off the end
// func endSSE2(dst, src *float32, n int)
TEXT ·endSSE2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), AX

// want: is never reached
// want: is never reached
// func deadSSE2(dst, src *float32, n int)
TEXT ·deadSSE2(SB), NOSPLIT, $0-24
	RET
	MOVQ dst+0(FP), AX
	RET

// want: calls
// want: is never reached
// func callsSSE2(dst, src *float32, n int)
TEXT ·callsSSE2(SB), NOSPLIT|NOFRAME, $0-24
	CALL ·rightSSE2(SB)
	RET

// want: jumps to an address that is not known
// func tableSSE2(dst, src *float32, n int)
TEXT ·tableSSE2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), AX
	JMP  AX

// want: jumps to rightAVX2, which needs more than []
// func betterSSE2(dst, src *float32, n int)
TEXT ·betterSSE2(SB), NOSPLIT, $0-24
	JMP ·rightAVX2(SB)

// want: jumps to rightSSE2(dst *float32, src *float32, n int) from (dst *float32, n int)
// func otherSSE2(dst *float32, n int)
TEXT ·otherSSE2(SB), NOSPLIT, $0-16
	JMP ·rightSSE2(SB)

// want: STD is not known to be harmless
// func directionSSE2(dst, src *float32, n int)
TEXT ·directionSSE2(SB), NOSPLIT, $0-24
	STD
	RET

// want: jumps into the middle of an instruction
// want: is never reached
// want: is never reached
// func middleSSE2(dst, src *float32, n int)
TEXT ·middleSSE2(SB), NOSPLIT, $0-24
	BYTE $0xEB; BYTE $0x01 // jmp over one byte
	MOVQ $0, AX
	RET
