#include "textflag.h"

// func cpuid(leaf, subleaf uint32) (a, c uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-16
	MOVL leaf+0(FP), AX
	MOVL subleaf+4(FP), CX
	CPUID
	MOVL AX, a+8(FP)
	MOVL CX, c+12(FP)
	RET

// func xgetbv(register uint32) uint32
TEXT ·xgetbv(SB), NOSPLIT, $0-12
	MOVL register+0(FP), CX
	XGETBV
	MOVL AX, ret+8(FP)
	RET
